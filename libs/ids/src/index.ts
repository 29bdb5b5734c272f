export { decodeId, EPOCH_MS, type IdParts, isId, SLOTS, type Slot, slotOfId, WORKERS } from './layout.ts';
export { SNOWFLAKE_LIMITS, SnowflakeIds, type SnowflakeLimits } from './snowflake.ts';
export { soloLease, type WorkerLease } from './worker-lease.ts';
