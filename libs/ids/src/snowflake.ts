import { Refusal } from '@tradewind/errors';
import type { Clock } from '@tradewind/time';
import { EPOCH_MS, encodeId, SEQUENCES, SLOTS, TICKS, WORKERS } from './layout.ts';
import type { WorkerLease } from './worker-lease.ts';

/** Bounds of a generator. All times in ms. */
export interface SnowflakeLimits {
  /** How far the wall clock may step back and be ridden out; farther back nothing is minted. Default 10,000. */
  readonly stepBackMs: number;
  /** How far a slot whose 64 numbers of a ms are used up may run ahead of time. Default 1,000. */
  readonly borrowMs: number;
  /** How much time is reserved at once; the next step is stored when half of it is used. Default 3,000. */
  readonly reserveMs: number;
  /** How long a mint that can't be served at once waits before it is refused. Default 2,000. */
  readonly waitMs: number;
  /** How many mints may wait at a time; more are refused at once. Default 10,000. */
  readonly waiting: number;
}

export const SNOWFLAKE_LIMITS: SnowflakeLimits = {
  stepBackMs: 10_000,
  borrowMs: 1_000,
  reserveMs: 3_000,
  waitMs: 2_000,
  waiting: 10_000,
};

/**
 * Mints ids that are never repeated, whatever the clock does.
 *
 * Intuition: a ticket roll for each slot. A ticket shows the time, and the roll only runs forward: it follows the wall clock, stands still while
 * the clock is behind, and runs a little ahead when tickets sell faster than time passes. Before a stretch of time is used, it
 * is written down in a durable place; who takes over the roll starts behind that mark.
 *
 * Rules: an id is (time, slot, worker, sequence), and for one (slot, worker) the pair (time, sequence) rises strictly. No id has a time above
 * what is reserved, nor at or below what an earlier claim had reserved. Nothing is minted unless the lease is held.
 *
 * When they hold: always within a process; across processes and restarts while `WorkerLease` keeps its promise. The clocks of different
 * workers need not agree; ids of different workers are ordered by time only as well as their clocks are.
 */
export class SnowflakeIds {
  readonly #lease: WorkerLease;
  readonly #clock: Clock;
  readonly #limits: SnowflakeLimits;
  /** For each slot the tick (ms since `EPOCH_MS`) and the sequence of its last id. */
  readonly #ticks = new Float64Array(SLOTS);
  readonly #sequences = new Uint8Array(SLOTS);
  #claim = -1;
  #worker = 0;
  /** The logical clock: the highest tick seen on the wall since the claim, never below where the claim began. */
  #logical = 0;
  /** The highest tick that may be used. */
  #horizon = 0;
  #reserving: Promise<void> | undefined;
  #waiting = 0;

  constructor(options: { lease: WorkerLease; clock: Clock; limits?: Partial<SnowflakeLimits> }) {
    this.#lease = options.lease;
    this.#clock = options.clock;
    this.#limits = { ...SNOWFLAKE_LIMITS, ...options.limits };
  }

  /**
   * @param slot 0 to 1023: the slot whose shard will hold what the id names.
   * @returns the id at once in the steady state; a promise when a reservation or the next ms has to be waited for, at most `waitMs`.
   * @throws Refusal `unavailable` without a lease or with a clock too far back, `overloaded` when too many wait; thrown or rejected.
   */
  mint(slot: number): string | Promise<string> {
    if (!Number.isInteger(slot) || slot < 0 || slot >= SLOTS) throw new RangeError(`no slot ${slot} among ${SLOTS}`);
    return this.#tryMint(slot) ?? this.#mintLater(slot);
  }

  /** Resolves when ids can be minted at once: the first stretch of time is reserved. Call it before taking traffic. */
  async ready(): Promise<void> {
    await this.mint(0);
  }

  /** @returns undefined when the caller has to wait. */
  #tryMint(slot: number): string | undefined {
    const now = this.#readTime();
    const last = this.#ticks[slot]!;
    let tick = last;
    let sequence = this.#sequences[slot]! + 1;
    if (now > last || sequence === SEQUENCES) {
      tick = now > last ? now : last + 1;
      sequence = 0;
      if (tick - now > this.#limits.borrowMs) return undefined;
    }
    if (tick + this.#limits.reserveMs / 2 > this.#horizon) this.#reserveAhead(tick);
    if (tick > this.#horizon) return undefined;
    if (tick >= TICKS) throw new RangeError('the 41 bits of time are used up');
    this.#ticks[slot] = tick;
    this.#sequences[slot] = sequence;
    return encodeId(tick, slot, this.#worker, sequence);
  }

  /** The logical time in ticks; it stands while the wall clock is behind. */
  #readTime(): number {
    if (!this.#lease.isHeld()) throw unavailable('the worker lease is not held', 1_000);
    if (this.#lease.claim !== this.#claim) this.#startClaim();
    // A clock may tell fractions of a ms; a tick with one would spill into the other bits.
    const wall = Math.floor(this.#clock.now()) - EPOCH_MS;
    if (wall >= this.#logical) return (this.#logical = wall);
    const back = this.#logical - wall;
    const { stepBackMs } = this.#limits;
    if (back > stepBackMs) throw unavailable(`the clock is ${back} ms behind the last id`, back - stepBackMs);
    return this.#logical;
  }

  /** A claim begins behind everything that an earlier claim of its worker may have used; our own past under another worker is no matter. */
  #startClaim(): void {
    const { worker, highestTime, claim } = this.#lease;
    if (!(worker >= 0 && worker < WORKERS)) throw new RangeError(`worker ${worker} is not below ${WORKERS}`);
    const highest = Math.max(0, Math.ceil(highestTime) - EPOCH_MS);
    this.#claim = claim;
    this.#worker = worker;
    this.#logical = highest + 1;
    this.#horizon = highest;
    this.#ticks.fill(highest);
    this.#sequences.fill(SEQUENCES - 1);
    this.#reserving = undefined;
  }

  /** Reserves the next stretch in the background. A failure is not fatal: the next mint tries again, and none passes the horizon. */
  #reserveAhead(tick: number): void {
    if (this.#reserving) return;
    const claim = this.#claim;
    const until = tick + this.#limits.reserveMs;
    const done = this.#lease.reserve(EPOCH_MS + until).then(
      () => {
        // The answer of a claim that is over must not open the horizon of the one in force.
        if (this.#claim === claim && this.#reserving === done) this.#horizon = Math.max(this.#horizon, until);
      },
      () => this.#clock.sleep(Math.min(50, this.#limits.waitMs)),
    );
    this.#reserving = done;
    void done.finally(() => {
      if (this.#reserving === done) this.#reserving = undefined;
    });
  }

  async #mintLater(slot: number): Promise<string> {
    if (this.#waiting >= this.#limits.waiting) throw new Refusal('overloaded', { retryAfter: 1 });
    this.#waiting++;
    try {
      const deadline = this.#clock.elapsed() + this.#limits.waitMs;
      while (this.#clock.elapsed() < deadline) {
        await this.#clock.sleep(1);
        const id = this.#tryMint(slot);
        if (id !== undefined) return id;
      }
      throw unavailable('no id could be made in time', 1_000);
    } finally {
      this.#waiting--;
    }
  }
}

function unavailable(detail: string, retryMs: number): Refusal {
  return new Refusal('unavailable', { detail, retryAfter: Math.max(1, Math.ceil(retryMs / 1_000)) });
}
