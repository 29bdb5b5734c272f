import { type AggregateRef, eventId, type OutboxEvent } from './event.ts';
import type { SentVersions } from './sent-versions.ts';

/** What can be done about the events handed over: send these now, and ask the table about those aggregates. */
export interface Taken {
  readonly sendable: OutboxEvent[];
  readonly askTable: AggregateRef[];
}

/**
 * The events that were committed in this process a moment ago, in memory. A shortcut past the table, never a second truth: whatever is
 * dropped here is still there.
 */
export class HandedOver {
  readonly #most: number;
  #queue: OutboxEvent[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** @returns how many found no room. */
  add(events: readonly OutboxEvent[]): number {
    const room = Math.max(0, this.#most - this.#queue.length);
    for (const event of events.slice(0, room)) this.#queue.push(event);
    return Math.max(0, events.length - room);
  }

  clear(): void {
    this.#queue = [];
  }

  /**
   * An event may go straight from memory only if it is its aggregate's first or follows what this relay sent itself. Otherwise
   * an earlier version may still wait in the table (another process's, or one that was dropped here), and the table decides.
   */
  take(limit: number, sent: SentVersions, isBlocked: (aggregateId: string) => boolean): Taken {
    const taken = this.#queue.slice(0, limit);
    this.#queue = this.#queue.slice(limit);
    const reached = new Map<string, number>();
    const asked = new Map<string, AggregateRef>();
    const sendable: OutboxEvent[] = [];
    for (const event of taken) {
      const { aggregateId, version } = event;
      if (isBlocked(aggregateId) || asked.has(aggregateId)) continue;
      const last = reached.get(aggregateId) ?? sent.get(aggregateId) ?? 0;
      if (version <= last) continue;
      if (version > last + 1) asked.set(aggregateId, event);
      else {
        reached.set(aggregateId, version);
        sendable.push(event);
      }
    }
    return { sendable, askTable: [...asked.values()] };
  }
}

/** Leaves out what was acknowledged already and only waits for its row's deletion, and what must wait for its key. */
export function stillToSend(
  events: readonly OutboxEvent[],
  acknowledged: ReadonlySet<string>,
  isBlocked: (aggregateId: string) => boolean,
): OutboxEvent[] {
  return events.filter((event) => !acknowledged.has(eventId(event)) && !isBlocked(event.aggregateId));
}
