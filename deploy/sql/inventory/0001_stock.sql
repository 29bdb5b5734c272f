-- Which slots this database owns, at which epoch of the shard map. Every write transaction reads its slot's row under a shared lock:
-- a router that slept through a move finds no row, or another epoch, and its write is refused.
CREATE TABLE IF NOT EXISTS slot_owner (
  slot SMALLINT UNSIGNED NOT NULL,
  epoch INT UNSIGNED NOT NULL,
  PRIMARY KEY (slot)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS product (
  slot SMALLINT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(200) NOT NULL,
  description TEXT NOT NULL,
  category VARCHAR(60) NOT NULL,
  price BIGINT UNSIGNED NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  version INT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, product_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- on_hand is what lies in the warehouse: what can be sold (available) and what waiting orders hold (frozen).
CREATE TABLE IF NOT EXISTS stock (
  slot SMALLINT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  on_hand BIGINT NOT NULL,
  available BIGINT NOT NULL,
  frozen BIGINT NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (slot, product_id),
  CONSTRAINT stock_available CHECK (available >= 0),
  CONSTRAINT stock_frozen CHECK (frozen >= 0),
  CONSTRAINT stock_on_hand CHECK (on_hand = available + frozen)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS stock_receipt (
  slot SMALLINT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  receipt_id BIGINT UNSIGNED NOT NULL,
  quantity INT UNSIGNED NOT NULL,
  staff_id BIGINT UNSIGNED NOT NULL,
  at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, product_id, receipt_id),
  CONSTRAINT stock_receipt_quantity CHECK (quantity > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The TCC branch of one product of one order. phase: tried, confirmed, cancelled, voided (cancelled before any try), returned.
-- ask_at is set while the branch waits: when to ask the order service what was decided.
CREATE TABLE IF NOT EXISTS stock_branch (
  slot SMALLINT UNSIGNED NOT NULL,
  order_id BIGINT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  quantity INT UNSIGNED NOT NULL,
  phase VARCHAR(10) CHARACTER SET ascii NOT NULL,
  ask_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, order_id, product_id),
  KEY by_ask (ask_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The answer to a request that must take effect once: (user, key) names one effect, written in the effect's own transaction.
CREATE TABLE IF NOT EXISTS idempotency (
  slot SMALLINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  idem_key VARBINARY(255) NOT NULL,
  fingerprint BINARY(32) NOT NULL,
  subject_id BIGINT UNSIGNED NOT NULL,
  answer MEDIUMTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, user_id, idem_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row per change that has not reached Kafka yet; the relay deletes it after the broker's acknowledgement.
CREATE TABLE IF NOT EXISTS outbox (
  slot SMALLINT UNSIGNED NOT NULL,
  aggregate_id BIGINT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL,
  type VARCHAR(64) CHARACTER SET ascii NOT NULL,
  payload MEDIUMTEXT NOT NULL,
  traceparent CHAR(55) CHARACTER SET ascii NULL,
  created_at DATETIME(3) NOT NULL,
  parked_at DATETIME(3) NULL,
  parked_reason VARCHAR(500) NULL,
  PRIMARY KEY (slot, aggregate_id, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
