-- Which slots this database owns, at which epoch of the shard map. Every write transaction reads its slot's row under a shared lock:
-- a router that slept through a move finds no row, or another epoch, and its write is refused.
CREATE TABLE IF NOT EXISTS slot_owner (
  slot SMALLINT UNSIGNED NOT NULL,
  epoch INT UNSIGNED NOT NULL,
  PRIMARY KEY (slot)
) ENGINE=InnoDB;

-- An account is (kind, owner, currency): `wallet` of a user; `merchant` and `outside` (where deposits come from) of the shop, one of
-- each per slot so that every transfer lies in one slot and no account is hot.
CREATE TABLE IF NOT EXISTS account (
  slot SMALLINT UNSIGNED NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii NOT NULL,
  owner_id BIGINT UNSIGNED NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  balance BIGINT NOT NULL,
  frozen BIGINT NOT NULL,
  version BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (slot, kind, owner_id, currency),
  CONSTRAINT account_frozen CHECK (frozen >= 0),
  CONSTRAINT account_limit CHECK (kind <> 'wallet' OR balance >= frozen)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Double entry: the lines of one transfer sum to zero. transfer_id is that of the order or deposit that caused it.
CREATE TABLE IF NOT EXISTS ledger_line (
  slot SMALLINT UNSIGNED NOT NULL,
  transfer_id BIGINT UNSIGNED NOT NULL,
  cause VARCHAR(8) CHARACTER SET ascii NOT NULL,
  line_no TINYINT UNSIGNED NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii NOT NULL,
  owner_id BIGINT UNSIGNED NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  amount BIGINT NOT NULL,
  at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, transfer_id, cause, line_no),
  KEY by_account (slot, kind, owner_id, currency)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The TCC branch of one attempt to pay one order; phases as in stock_branch.
CREATE TABLE IF NOT EXISTS payment_branch (
  slot SMALLINT UNSIGNED NOT NULL,
  order_id BIGINT UNSIGNED NOT NULL,
  attempt SMALLINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  amount BIGINT UNSIGNED NOT NULL,
  phase VARCHAR(10) CHARACTER SET ascii NOT NULL,
  ask_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, order_id, attempt),
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
