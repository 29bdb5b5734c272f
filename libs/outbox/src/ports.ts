import type { AggregateRef, EventRef, OutboxEvent } from './event.ts';

/** How much waits, for the operator. */
export interface OutboxStats {
  /** Committed, not sent, not parked. */
  readonly rows: number;
  readonly parked: number;
  /** Age in ms of the oldest row that is not parked; 0 when there is none. */
  readonly oldestAgeMs: number;
}

/** The outbox table of one shard. Every read is of committed rows, without locks, parked ones left out, in the order of the key. */
export interface OutboxStore {
  /** @param after where the pass left off; absent at the start of a pass. */
  read(limit: number, after?: EventRef): Promise<OutboxEvent[]>;
  /** What waits for these aggregates; each one's versions ascend. */
  readAggregates(aggregates: readonly AggregateRef[], limit: number): Promise<OutboxEvent[]>;
  /** Deletes what was acknowledged; a row that is gone already is no error. */
  remove(events: readonly EventRef[]): Promise<void>;
  /** Sets an event aside, with its reason, until someone replays or discards it. */
  park(event: EventRef, reason: string): Promise<void>;
  stats(): Promise<OutboxStats>;
}

/** What became of one event: `failed-retry` may have arrived or not; `poisoned` never will. */
export type SendResult =
  | { readonly outcome: 'sent' }
  | { readonly outcome: 'failed-retry'; readonly reason: string }
  | { readonly outcome: 'poisoned'; readonly reason: string };

/**
 * The way to the broker. `send` answers within a deadline of its own, one result an event, in the order given. It sends the events
 * of one key in the order given, and after a `failed-retry` none of the later ones of that key.
 */
export interface EventSender {
  send(events: readonly OutboxEvent[]): Promise<SendResult[]>;
}

/** The leadership of one shard's relay: a lease and its fencing token. `isHeld` answers from memory and turns false before the lease ends. */
export interface Duty {
  isHeld(): boolean;
  /** Grows each time the duty changes hands. */
  readonly token: number;
}
