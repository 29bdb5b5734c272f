/**
 * What a generator needs to know about its worker id: the port that an adapter (etcd) implements.
 *
 * The promise behind it: a time that was reserved for a worker id is never used by a later claim of the same worker id. So uniqueness hangs on
 * the stored high-water mark, not on anybody's clock; `isHeld` only makes a process that lost its claim stop early.
 *
 * The lease may be lost and claimed anew while the process runs: then `claim` counts up, and `worker` and `highestTime` are those of the new claim.
 */
export interface WorkerLease {
  /** 0 to 63. */
  readonly worker: number;
  /** The highest time, in ms since 1970, that any earlier claim of this worker may have used; every id must lie above it. */
  readonly highestTime: number;
  /** Counts the claims, so that a generator notices a new one. */
  readonly claim: number;
  /**
   * Stores durably that times up to `untilMs` (ms since 1970) may be used from now on. Rejects when that is not certain, or
   * when the claim is no longer the one in force; then the old bound stands.
   */
  reserve(untilMs: number): Promise<void>;
  /** Whether the claim is certainly still ours; judged on the monotonic clock, without I/O. */
  isHeld(): boolean;
}

/** The lease of a worker id that needs no other process's consent: tests, tools, and a system of exactly one generator. Not durable. */
export function soloLease(worker: number, highestTime = 0): WorkerLease {
  return { worker, highestTime, claim: 1, reserve: () => Promise.resolve(), isHeld: () => true };
}
