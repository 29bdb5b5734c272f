import type { Log } from '@tradewind/telemetry';
import { backoffMs, type Clock } from '@tradewind/time';
import { eventId, type OutboxEvent } from './event.ts';
import type { RelayLimits } from './limits.ts';
import type { OutboxStore } from './ports.ts';

export interface RemovalsOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: RelayLimits;
  readonly random: () => number;
}

/**
 * Deletes acknowledged rows behind the sender's back, so that the next send need not wait for the database. One delete runs at a time; what is
 * acknowledged meanwhile goes into the next one. Until its row is gone an event is known here and not sent again; a crash forgets it, and
 * the next relay sends it a second time: at least once.
 */
export class Removals {
  readonly #store: OutboxStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limits: RelayLimits;
  readonly #random: () => number;
  readonly #pending = new Map<string, OutboxEvent>();
  #running: Promise<void> | undefined;
  #halted = false;

  constructor({ store, clock, log, limits, random }: RemovalsOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#limits = limits;
    this.#random = random;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** The ids of events that were acknowledged and whose rows may still be seen by a read that starts now. */
  snapshot(): ReadonlySet<string> {
    return new Set(this.#pending.keys());
  }

  hasRoomFor(count: number): boolean {
    return this.#pending.size + count <= this.#limits.removalsMost;
  }

  add(events: readonly OutboxEvent[]): void {
    for (const event of events) this.#pending.set(eventId(event), event);
    this.#running ??= this.#run();
  }

  /** Waits until every row is gone; for ever when the database is, so race it with a deadline. */
  async drained(): Promise<void> {
    await this.#running;
  }

  /** Gives up what a stop's deadline left over; the next relay sends and deletes it. */
  halt(): void {
    this.#halted = true;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (this.#pending.size > 0 && !this.#halted) {
      const batch = this.#nextBatch();
      try {
        await this.#store.remove(batch);
        for (const event of batch) this.#pending.delete(eventId(event));
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#log.warn({ err: error, rows: batch.length, failures }, 'outbox rows could not be deleted, trying again');
        await this.#clock.sleep(backoffMs(failures, this.#limits.retry, this.#random));
      }
    }
    // Here and not in a `finally` of the caller: nothing may be added between the loop's last look and this line.
    this.#running = undefined;
  }

  #nextBatch(): OutboxEvent[] {
    const batch: OutboxEvent[] = [];
    for (const event of this.#pending.values()) {
      batch.push(event);
      if (batch.length === this.#limits.removeBatchMost) break;
    }
    return batch;
  }
}
