/** One version of one aggregate, as the transaction that made it wrote it into the outbox. It carries the aggregate's whole state. */
export interface OutboxEvent {
  /** The aggregate's slot; first in the table's key, so that events move with their slot. */
  readonly slot: number;
  /** Decimal, up to 63 bits; the Kafka key. Never a JavaScript number. */
  readonly aggregateId: string;
  /** 1, 2, 3, ... without a gap: version n + 1 is committed after version n. The relay's order leans on it. */
  readonly version: number;
  readonly type: string;
  /** JSON text. The relay never parses it. */
  readonly payload: string;
  /** W3C trace context of the request that caused the event, 55 characters. */
  readonly traceparent: string | null;
  readonly createdAt: Date;
}

/** Names one aggregate; the slot comes with it because the table's key starts with it. */
export type AggregateRef = Pick<OutboxEvent, 'slot' | 'aggregateId'>;

/** Names one event; also the position from which a pass over the table goes on. */
export type EventRef = Pick<OutboxEvent, 'slot' | 'aggregateId' | 'version'>;

/** The id that consumers see: the same for every copy of an event, however often it is sent. */
export function eventId(event: Pick<OutboxEvent, 'aggregateId' | 'version'>): string {
  return `${event.aggregateId}:${event.version}`;
}
