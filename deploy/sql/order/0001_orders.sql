-- Which slots this database owns, at which epoch of the shard map. Every write transaction reads its slot's row under a shared lock:
-- a router that slept through a move finds no row, or another epoch, and its write is refused.
CREATE TABLE IF NOT EXISTS slot_owner (
  slot SMALLINT UNSIGNED NOT NULL,
  epoch INT UNSIGNED NOT NULL,
  PRIMARY KEY (slot)
) ENGINE=InnoDB;

-- status VOID is no order: it is the promise, given to a participant that asked, that this id will never become one. A late insert of
-- the order meets the row's primary key and fails.
CREATE TABLE IF NOT EXISTS orders (
  slot SMALLINT UNSIGNED NOT NULL,
  order_id BIGINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  status VARCHAR(16) CHARACTER SET ascii NOT NULL,
  version INT UNSIGNED NOT NULL,
  pay_attempt SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  total BIGINT UNSIGNED NOT NULL,
  address TEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NULL,
  PRIMARY KEY (slot, order_id),
  KEY by_user (slot, user_id, order_id),
  KEY by_expiry (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS order_item (
  slot SMALLINT UNSIGNED NOT NULL,
  order_id BIGINT UNSIGNED NOT NULL,
  line_no TINYINT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(200) NOT NULL,
  quantity INT UNSIGNED NOT NULL,
  unit_price BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (slot, order_id, line_no),
  CONSTRAINT order_item_quantity CHECK (quantity > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Every change of an order. `at` is part of the key so that the table can be partitioned by month.
CREATE TABLE IF NOT EXISTS order_log (
  slot SMALLINT UNSIGNED NOT NULL,
  order_id BIGINT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL,
  at DATETIME(3) NOT NULL,
  status VARCHAR(16) CHARACTER SET ascii NOT NULL,
  actor VARCHAR(32) CHARACTER SET ascii NOT NULL,
  cause VARCHAR(32) CHARACTER SET ascii NOT NULL,
  trace_id CHAR(32) CHARACTER SET ascii NULL,
  PRIMARY KEY (slot, order_id, version, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What is decided in an order's row but not yet carried out by the participants; deleted when they all have answered.
CREATE TABLE IF NOT EXISTS tcc_resolution (
  slot SMALLINT UNSIGNED NOT NULL,
  order_id BIGINT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL,
  action VARCHAR(8) CHARACTER SET ascii NOT NULL,
  pay_attempt SMALLINT UNSIGNED NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, order_id, version)
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
