import { Refusal } from '@tradewind/errors';
import { type WorkerLease, WORKERS } from '@tradewind/ids';
import type { Log } from '@tradewind/telemetry';
import { backoffMs } from '@tradewind/time';
import { type Claim, claimKey, raiseMark, readMark } from './claim.ts';
import type { EtcdConnection } from './connection.ts';
import { defer } from './deferred.ts';

export interface WorkerLeaseLimits {
  /** How long the worker id of a process that died stays taken. Default 10. */
  readonly ttlSeconds: number;
  /** How long `leaseWorker` tries before it gives up, in ms. Default 5,000. */
  readonly startMs: number;
  /** A worker id whose stored mark is farther ahead of the clock is left alone, in ms. Default 10,000. */
  readonly aheadMs: number;
}

export interface WorkerLeaseOptions {
  readonly etcd: EtcdConnection;
  /** Generators whose ids may meet in one table share a pool: such as `orders`. */
  readonly pool: string;
  readonly log?: Log;
  readonly limits?: Partial<WorkerLeaseLimits>;
}

const LIMITS: WorkerLeaseLimits = { ttlSeconds: 10, startMs: 5_000, aheadMs: 10_000 };
const RETRY = { firstMs: 100, mostMs: 2_000 };

/** @throws Error when no worker id could be claimed within `startMs`: etcd is away, or all 64 are taken. */
export async function leaseWorker(options: WorkerLeaseOptions): Promise<EtcdWorkerLease> {
  const lease = new EtcdWorkerLease(options);
  const { startMs } = { ...LIMITS, ...options.limits };
  const late = new AbortController();
  const timeout = options.etcd.clock.sleep(startMs, late.signal).then(
    () => false,
    () => true,
  );
  const claimed = await Promise.race([lease.claimed.then(() => true), timeout]);
  late.abort();
  if (claimed) return lease;
  const where = options.etcd.endpoints.join(', ');
  const cause = lease.lastError;
  await lease.stop();
  throw new Error(`no worker id of pool ${options.pool} from etcd at ${where} within ${startMs} ms: ${String(cause)}`, {
    cause,
  });
}

/**
 * A worker id, claimed in etcd for as long as the process lives, with the highest time used stored beside it.
 *
 * Intuition: two keys for each worker. `claim` hangs on a lease and goes with its holder; `high` stays. A mark can be moved only in a
 * transaction that finds the claim in force, so once a successor holds the claim, `high` is final, and it starts above it. Therefore even a
 * holder that does not know yet that it lost can't repeat an id: it never uses time that it did not get stored.
 *
 * A lost claim is followed by a new one in the background, most likely of another worker id, and `claim` counts up.
 */
export class EtcdWorkerLease implements WorkerLease {
  /** Resolves at the first claim. */
  readonly claimed: Promise<void>;
  readonly #etcd: EtcdConnection;
  readonly #pool: string;
  readonly #log: Log;
  readonly #limits: WorkerLeaseLimits;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  readonly #forget: () => void;
  #onClaimed: () => void;
  #held: { claim: Claim; worker: number; highestTime: number } | undefined;
  #claims = 0;
  #lastError: unknown;

  constructor({ etcd, pool, log, limits }: WorkerLeaseOptions) {
    this.#etcd = etcd;
    this.#pool = pool;
    this.#log = log ?? etcd.log;
    this.#limits = { ...LIMITS, ...limits };
    const claimed = defer<void>();
    this.claimed = claimed.promise;
    this.#onClaimed = claimed.resolve;
    this.#forget = etcd.onClose(() => this.stop());
    this.#running = this.#run();
  }

  get worker(): number {
    return this.#held?.worker ?? 0;
  }

  get highestTime(): number {
    return this.#held?.highestTime ?? 0;
  }

  get claim(): number {
    return this.#claims;
  }

  /** Why the last attempt to claim failed, for messages. */
  get lastError(): unknown {
    return this.#lastError;
  }

  isHeld(): boolean {
    return this.#held?.claim.lease.isHeld() ?? false;
  }

  async reserve(untilMs: number): Promise<void> {
    const held = this.#held;
    if (!held?.claim.lease.isHeld())
      throw new Refusal('unavailable', { detail: 'the worker lease is not held', retryAfter: 1 });
    const isStored = await raiseMark(this.#etcd, held.claim, this.#highKey(held.worker), untilMs);
    if (isStored) return;
    // etcd has let the claim go, whatever our clock says.
    void held.claim.lease.revoke();
    throw new Refusal('unavailable', { detail: 'the worker lease was lost', retryAfter: 1 });
  }

  /** Frees the worker id. Nothing is minted from the first moment on. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#forget();
    await this.#held?.claim.lease.revoke();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let attempt = 1; !this.#stopped.signal.aborted;) {
      try {
        await this.#holdOne();
        attempt = 1;
      } catch (error) {
        this.#lastError = error;
        this.#log.warn({ pool: this.#pool, reason: String(error) }, 'no worker id claimed, trying again');
        await this.#etcd.clock.sleep(backoffMs(attempt++, RETRY), this.#stopped.signal).catch(() => {});
      }
    }
  }

  /** Claims a worker id and returns when it is lost. */
  async #holdOne(): Promise<void> {
    const { claim, worker } = await this.#claimAny();
    try {
      // Read after the claim is in force: from here on nobody else can move the mark.
      const highestTime = await readMark(this.#etcd, this.#highKey(worker));
      await this.#etcd.clock
        .sleep(Math.max(0, highestTime - this.#etcd.clock.now()), this.#stopped.signal)
        .catch(() => {});
      if (this.#stopped.signal.aborted || !claim.lease.isHeld()) return;
      this.#held = { claim, worker, highestTime };
      this.#claims++;
      this.#onClaimed();
      this.#log.info({ pool: this.#pool, worker, highestTime, claim: this.#claims }, 'worker id claimed');
      await claim.lease.over;
      if (!this.#stopped.signal.aborted) this.#log.warn({ pool: this.#pool, worker }, 'worker id lost, claiming anew');
    } finally {
      await claim.lease.revoke();
    }
  }

  async #claimAny(): Promise<{ claim: Claim; worker: number }> {
    const { free, taken, ahead } = await this.#candidates();
    for (const worker of free) {
      if (this.#stopped.signal.aborted) break;
      const claim = await claimKey(this.#etcd, `${this.#dir(worker)}/claim`, this.#limits.ttlSeconds);
      if (claim) return { claim, worker };
    }
    throw new Error(
      `no worker id is free: ${taken} of ${WORKERS} are taken, ${ahead} were used by a clock that was far ahead`,
    );
  }

  /** Free worker ids: those whose mark is past first, in random order, so that many starters don't ask for the same one. */
  async #candidates(): Promise<{ free: number[]; taken: number; ahead: number }> {
    const root = `${this.#etcd.prefix}/workers/${this.#pool}/`;
    const keys = await this.#etcd.client.getAll().prefix(root).strings();
    const now = this.#etcd.clock.now();
    const all = Array.from({ length: WORKERS }, (_, worker) => ({
      worker,
      isTaken: keys[`${root}${worker}/claim`] !== undefined,
      aheadMs: Math.max(0, Number(keys[`${root}${worker}/high`] ?? 0) - now),
      lot: Math.random(),
    }));
    const untaken = all.filter(({ isTaken }) => !isTaken);
    const near = untaken.filter(({ aheadMs }) => aheadMs <= this.#limits.aheadMs);
    near.sort((a, b) => a.aheadMs - b.aheadMs || a.lot - b.lot);
    return {
      free: near.map(({ worker }) => worker),
      taken: WORKERS - untaken.length,
      ahead: untaken.length - near.length,
    };
  }

  #dir(worker: number): string {
    return `${this.#etcd.prefix}/workers/${this.#pool}/${worker}`;
  }

  #highKey(worker: number): string {
    return `${this.#dir(worker)}/high`;
  }
}
