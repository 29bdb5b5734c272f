import type { Log, Metrics } from '@tradewind/telemetry';
import { backoffMs, type Clock, Loop, systemClock } from '@tradewind/time';

const SWEEP_PAUSE_MS = 500;
const SWEEP_BATCH_MOST = 200;
/** A row younger than this is most likely still in the hands of the process that wrote it. */
const SWEEP_AGE_MS = 1500;
const RETRY = { firstMs: 200, mostMs: 10_000 };
/** Failing resolutions whose back-off is remembered; beyond it the oldest is forgotten and simply retried sooner. */
const BACKOFFS_MOST = 10_000;
/** Resolutions that are carried out at once. */
const PARALLEL_MOST = 16;

/** What the resolver needs: the decisions that are not carried out yet, oldest version first within one key. */
export interface ResolverPorts<R> {
  /** Names the transaction; resolutions of one key are carried out one after the other. */
  key(resolution: R): string;
  /** Rows written before `before`, in the order of their keys; with `after` those behind it. */
  pending(before: Date, limit: number, after: R | undefined): Promise<R[]>;
  /** Tells every participant; resolves when all have answered that it is done. */
  carryOut(resolution: R): Promise<void>;
  remove(resolution: R): Promise<void>;
  /** True while this process is the one that sweeps what others left. */
  sweeps(): boolean;
}

/**
 * The coordinator's second phase: what is decided is carried out, repeated for ever with back-off, and only then forgotten.
 *
 * Intuition: the decision lies in the order's own row and, beside it, a note `still to be carried out`. The process that decided acts
 * on it at once; if it dies, the sweep of whoever holds the duty finds the note. Participants take repeats without harm, so two
 * processes that act on one note do no damage.
 */
export class Resolver<R> {
  readonly #ports: ResolverPorts<R>;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #sweep: Loop;
  readonly #inHand = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, { attempts: number; nextAt: number }>();
  /** Where the last sweep ended; the next goes on behind it, so that many that can't be carried out yet don't hide the others. */
  #after: R | undefined;

  constructor(
    ports: ResolverPorts<R>,
    { log, metrics, clock = systemClock }: { log: Log; metrics: Metrics; clock?: Clock },
  ) {
    this.#ports = ports;
    this.#log = log;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#sweep = new Loop(
      SWEEP_PAUSE_MS,
      () => this.sweep(),
      (error) => log.warn({ err: error }, 'the resolver sweep failed'),
      clock,
    );
  }

  start(): void {
    this.#sweep.start();
  }

  /** Ends the sweep and waits for what is in hand. */
  async stop(): Promise<void> {
    await this.#sweep.stop();
    await Promise.allSettled(this.#inHand.values());
  }

  /** Carries out a fresh decision. Resolves when it is done or has failed once; the sweep then goes on with it. Never rejects. */
  async resolve(resolution: R): Promise<void> {
    const key = this.#ports.key(resolution);
    const before = this.#inHand.get(key) ?? Promise.resolve();
    const mine = before.then(() => this.#attempt(key, resolution));
    this.#inHand.set(key, mine);
    await mine;
    if (this.#inHand.get(key) === mine) this.#inHand.delete(key);
  }

  /** Takes up what was left behind, one batch of it, and the next batch the next time. */
  async sweep(): Promise<void> {
    if (!this.#ports.sweeps()) return;
    const now = this.#clock.now();
    const pending = await this.#ports.pending(new Date(now - SWEEP_AGE_MS), SWEEP_BATCH_MOST, this.#after);
    this.#after = pending.length === SWEEP_BATCH_MOST ? pending.at(-1) : undefined;
    const ready = pending.filter((each) => {
      const key = this.#ports.key(each);
      return !this.#inHand.has(key) && (this.#failures.get(key)?.nextAt ?? 0) <= now;
    });
    for (let start = 0; start < ready.length; start += PARALLEL_MOST) {
      await Promise.all(ready.slice(start, start + PARALLEL_MOST).map((each) => this.resolve(each)));
    }
  }

  async #attempt(key: string, resolution: R): Promise<void> {
    try {
      await this.#ports.carryOut(resolution);
      await this.#ports.remove(resolution);
      this.#failures.delete(key);
      this.#metrics.count('tradewind_tcc_resolved_total');
    } catch (error) {
      const attempts = (this.#failures.get(key)?.attempts ?? 0) + 1;
      if (this.#failures.size >= BACKOFFS_MOST) this.#failures.delete(this.#failures.keys().next().value ?? '');
      this.#failures.set(key, { attempts, nextAt: this.#clock.now() + backoffMs(attempts, RETRY) });
      this.#metrics.count('tradewind_tcc_resolve_failures_total');
      this.#log.warn({ err: error, key, attempts }, 'a decision could not be carried out yet');
    }
  }
}
