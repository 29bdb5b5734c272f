/**
 * How a consumer lives with repeats and late-comers: the aggregate's version is the judge, never the time and never the order of arrival. A
 * consumer stores the last version it has seen in the same transaction as its effect (or as its document's external version).
 */

/** @param seen the last version this consumer took in; undefined when it knows nothing of the aggregate. */
export function isNewer(seen: number | undefined, version: number): boolean {
  return version > (seen ?? 0);
}

/** Only the newest event of each aggregate, since each carries the whole state; in the order of first appearance. For consumers that write states, not steps. */
export function newestPerAggregate<E extends { readonly aggregateId: string; readonly version: number }>(
  events: Iterable<E>,
): E[] {
  const newest = new Map<string, E>();
  for (const event of events) {
    if (isNewer(newest.get(event.aggregateId)?.version, event.version)) newest.set(event.aggregateId, event);
  }
  return [...newest.values()];
}
