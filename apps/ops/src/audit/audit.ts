import { type Clock, systemClock } from '@tradewind/time';
import { sentenceOf } from '../failure.ts';
import type { AuditSources } from './audit-sources.ts';
import { Collected } from './collected.ts';
import { stockAddsUp } from './i1-stock.ts';
import { rowsAreAtHome } from './i10-placement.ts';
import { frozenIsWanted } from './i2-frozen.ts';
import { moneyAddsUp } from './i3-ledger.ts';
import { ordersAreCovered } from './i4-orders.ts';
import { placedOnce } from './i6-placements.ts';
import { historyIsWhole } from './i7-history.ts';
import { eventsArrived } from './i8-events.ts';
import { indexIsTrue } from './i9-index.ts';
import type { Invariant, Offence } from './invariant.ts';

/** I5 (refunds) and I11 (coupons) come with what they are about. */
export const INVARIANTS: readonly Invariant[] = [
  ...[stockAddsUp, frozenIsWanted, moneyAddsUp, ordersAreCovered, placedOnce],
  ...[historyIsWhole, eventsArrived, indexIsTrue, rowsAreAtHome],
];

/** Invariants that are looked at side by side: one reads while the other judges. */
const PARALLEL_MOST = 2;
/** Between two looks at what was offending. */
const LOOK_AGAIN_MS = 1_000;

export interface Verdict {
  readonly invariant: string;
  readonly says: string;
  readonly verdict: 'clean' | 'violated' | 'not-checked';
  /** How many things were looked at, the last time. */
  readonly checked: number;
  /** How many offences there are in all; `offences` holds the first of them. */
  readonly total: number;
  readonly offences: readonly Offence[];
  /** Why it could not be checked. */
  readonly reason?: string;
  readonly looks: number;
  readonly seconds: number;
}

/** Hears how far the audit is. */
export interface AuditProgress {
  onLook(invariant: Invariant, look: number): void;
  onChecked(invariant: Invariant, checked: number): void;
  onLooked(invariant: Invariant, outcome: { checked: number; total: number; reason: string | undefined }): void;
}

export interface AuditOptions {
  readonly invariants?: readonly Invariant[];
  /** How long an offence may take to vanish by itself, ms; 0 judges by the first look. */
  readonly settleMs: number;
  readonly progress: AuditProgress;
  readonly clock?: Clock;
}

/**
 * Checks every invariant against the servers as they are.
 *
 * On a live system a check sees one server a moment later than another, so what offends at the first look may be a change under way. An offence
 * counts only if the same thing offends in the same way at every later look, until it is gone or the time to settle is over.
 */
export async function audit(sources: AuditSources, options: AuditOptions): Promise<Verdict[]> {
  const { invariants = INVARIANTS, settleMs, clock = systemClock } = options;
  const cases = invariants.map((invariant) => new Case(invariant, sources, options.progress, clock));
  await inParallel(cases);
  const deadline = clock.elapsed() + settleMs;
  for (;;) {
    const open = cases.filter((each) => each.isOpen);
    if (open.length === 0 || clock.elapsed() >= deadline) return cases.map((each) => each.verdict());
    await clock.sleep(Math.min(LOOK_AGAIN_MS, settleMs));
    await inParallel(open);
  }
}

async function inParallel(cases: readonly Case[]): Promise<void> {
  const todo = [...cases];
  const lane = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) await next.look();
  };
  await Promise.all(Array.from({ length: PARALLEL_MOST }, lane));
}

/** One invariant, and what its looks have come to. */
class Case {
  readonly #invariant: Invariant;
  readonly #sources: AuditSources;
  readonly #progress: AuditProgress;
  readonly #clock: Clock;
  #last: Collected | undefined;
  #reason: string | undefined;
  #looks = 0;
  #elapsedMs = 0;

  constructor(invariant: Invariant, sources: AuditSources, progress: AuditProgress, clock: Clock) {
    this.#invariant = invariant;
    this.#sources = sources;
    this.#progress = progress;
    this.#clock = clock;
  }

  /** Whether another look may change the verdict. */
  get isOpen(): boolean {
    return this.#reason !== undefined || (this.#last?.total ?? 0) > 0;
  }

  async look(): Promise<void> {
    const invariant = this.#invariant;
    const start = this.#clock.elapsed();
    this.#progress.onLook(invariant, ++this.#looks);
    const seen = new Collected(this.#last, (checked) => this.#progress.onChecked(invariant, checked));
    try {
      await invariant.check(this.#sources, seen);
      this.#last = seen;
      this.#reason = undefined;
    } catch (error) {
      this.#reason = sentenceOf(error);
    }
    this.#elapsedMs += this.#clock.elapsed() - start;
    this.#progress.onLooked(invariant, { checked: seen.count, total: seen.total, reason: this.#reason });
  }

  verdict(): Verdict {
    const { id, says } = this.#invariant;
    const { count = 0, total = 0 } = this.#last ?? {};
    return {
      ...{ invariant: id, says, checked: count, total, offences: this.#last?.shown() ?? [] },
      verdict: this.#reason !== undefined ? 'not-checked' : total > 0 ? 'violated' : 'clean',
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...{ looks: this.#looks, seconds: Math.round(this.#elapsedMs) / 1000 },
    };
  }
}
