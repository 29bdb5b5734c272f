import type { BackoffLimits } from '@tradewind/time';

/** Every bound of a relay. Memory is at most (handedOverMost + removalsMost + 2 x batchMost) events plus two maps of ids. */
export interface RelayLimits {
  /** Events a send. */
  readonly batchMost: number;
  /** Events handed over that wait in memory; beyond it they are dropped, since the table has them. */
  readonly handedOverMost: number;
  /** How often the table is looked through for what nobody handed over: other processes' events, and those of a crash. */
  readonly sweepEveryMs: number;
  /** How often a relay without the duty looks whether it has it. */
  readonly dutyPollMs: number;
  /** Aggregates whose last sent version is remembered; for a forgotten one the table is asked. */
  readonly rememberedMost: number;
  /** Keys that failed and wait for their next try; when no whole batch more could fail, only retries go out. */
  readonly blockedMost: number;
  readonly retry: BackoffLimits;
  /** Events acknowledged whose rows are not deleted yet; when full, sending waits. */
  readonly removalsMost: number;
  /** Rows a delete. */
  readonly removeBatchMost: number;
  readonly statsEveryMs: number;
  /** How long `stop` goes on sending what was handed over. */
  readonly drainMs: number;
}

export const RELAY_LIMITS: RelayLimits = {
  batchMost: 500,
  handedOverMost: 10_000,
  sweepEveryMs: 500,
  dutyPollMs: 100,
  rememberedMost: 100_000,
  blockedMost: 2_000,
  retry: { firstMs: 50, mostMs: 5_000 },
  removalsMost: 5_000,
  removeBatchMost: 512,
  statsEveryMs: 1_000,
  drainMs: 5_000,
};
