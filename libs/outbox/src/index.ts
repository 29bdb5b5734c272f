export { type AggregateRef, type EventRef, eventId, type OutboxEvent } from './event.ts';
export { isNewer, newestPerAggregate } from './inbox.ts';
export { RELAY_LIMITS, type RelayLimits } from './limits.ts';
export type { Duty, EventSender, OutboxStats, OutboxStore, SendResult } from './ports.ts';
export { Relay, type RelayOptions } from './relay.ts';
