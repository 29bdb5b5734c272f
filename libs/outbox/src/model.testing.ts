import type { Clock } from '@tradewind/time';
import { type AggregateRef, type EventRef, eventId, type OutboxEvent } from './event.ts';
import type { OutboxStats, OutboxStore } from './ports.ts';

/** Test doubles of the relay's world: time that a test turns by hand, dice with a seed, and a table in memory. */

/** mulberry32: small, seeded, good enough to choose faults. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** Nothing happens but when `advance` says so; between two rings everything that can run without waiting has run. */
export class ModelClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = { at: this.#now + Math.max(0, ms), ring: resolve };
      this.#timers.add(timer);
      signal?.addEventListener('abort', () => this.#timers.delete(timer) && reject(signal.reason as Error), {
        once: true,
      });
    });
  }

  /** Turns the clock on by `ms`, ringing every timer on the way at its time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#next();
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.ring();
    }
    this.#now = end;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }
}

/** One turn of the event loop: all promises that can settle have. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const compare = (a: EventRef, b: EventRef): number =>
  a.slot - b.slot || Number(BigInt(a.aggregateId) - BigInt(b.aggregateId)) || a.version - b.version;

/** The committed rows of an outbox table. */
export class ModelTable {
  readonly rows = new Map<string, OutboxEvent>();
  readonly parked = new Map<string, { readonly event: OutboxEvent; readonly reason: string }>();
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  commit(event: OutboxEvent): void {
    this.rows.set(eventId(event), event);
  }

  replayAll(): void {
    for (const { event } of this.parked.values()) this.commit(event);
    this.parked.clear();
  }

  waiting(): OutboxEvent[] {
    return [...this.rows.values()].sort(compare);
  }
}

/** A store over the model; `around` is where a test delays, fails or never answers a call. */
export function modelStore(
  table: ModelTable,
  around: <T>(call: () => T) => Promise<T> = (call) => Promise.resolve().then(call),
): OutboxStore {
  return {
    read: (limit, after) =>
      around(() =>
        table
          .waiting()
          .filter((row) => after === undefined || compare(row, after) > 0)
          .slice(0, limit),
      ),
    readAggregates: (aggregates: readonly AggregateRef[], limit) =>
      around(() =>
        table
          .waiting()
          .filter((row) => aggregates.some(({ aggregateId }) => aggregateId === row.aggregateId))
          .slice(0, limit),
      ),
    remove: (events) => around(() => events.forEach((event) => table.rows.delete(eventId(event)))),
    park: (event, reason) =>
      around(() => {
        const row = table.rows.get(eventId(event));
        if (row !== undefined) table.parked.set(eventId(event), { event: row, reason });
        table.rows.delete(eventId(event));
      }),
    stats: () => around((): OutboxStats => statsOf(table)),
  };
}

function statsOf({ rows, parked, clock }: ModelTable): OutboxStats {
  const oldest = Math.min(...[...rows.values()].map(({ createdAt }) => createdAt.getTime()), clock.now());
  return { rows: rows.size, parked: parked.size, oldestAgeMs: clock.now() - oldest };
}
