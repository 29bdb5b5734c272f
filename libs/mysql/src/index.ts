export { requireSlots } from './fence.ts';
export { earlierAnswer, type EffectKey, rememberAnswer } from './idempotency.ts';
export { type Migrated, migrate } from './migrate.ts';
export { createOutboxStore, insertOutbox, type ParkedEvent, type ParkedEvents } from './outbox-store.ts';
export { marks, Shard, SHARD_LIMITS, type ShardLimits, type SqlValue, type Tx } from './shard.ts';
export { parseShardUrls, Shards, type SlotRouter } from './shards.ts';
export { duplicateKey, isConnectionFailure } from './sql-errors.ts';
