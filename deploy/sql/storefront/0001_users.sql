-- Which slots this database owns, at which epoch of the shard map. Every write transaction reads its slot's row under a shared lock:
-- a router that slept through a move finds no row, or another epoch, and its write is refused.
CREATE TABLE IF NOT EXISTS slot_owner (
  slot SMALLINT UNSIGNED NOT NULL,
  epoch INT UNSIGNED NOT NULL,
  PRIMARY KEY (slot)
) ENGINE=InnoDB;

-- A user lives in the slot of the e-mail address, which makes the address unique across all shards with one key; the user id carries
-- the same slot in its bits.
CREATE TABLE IF NOT EXISTS app_user (
  slot SMALLINT UNSIGNED NOT NULL,
  email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(100) NOT NULL,
  role VARCHAR(8) CHARACTER SET ascii NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, email),
  UNIQUE KEY by_id (slot, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
