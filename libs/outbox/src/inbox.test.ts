import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNewer, newestPerAggregate } from './inbox.ts';

describe('the inbox', () => {
  it('takes in nothing twice and nothing older than it has', () => {
    expect([isNewer(undefined, 1), isNewer(1, 2), isNewer(2, 2), isNewer(3, 2)]).toEqual([true, true, false, false]);
  });

  it('comes to the same state whatever is repeated and however it is shuffled', () => {
    const event = fc.record({ aggregateId: fc.constantFrom('1', '2', '3'), version: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(event), fc.array(fc.nat()), (events, picks) => {
        const shuffled = [...events].sort(() => (picks.length % 2 === 0 ? 1 : -1));
        const repeated = [...shuffled, ...picks.flatMap((pick) => events[pick % events.length] ?? [])];
        const state = (list: typeof events) => new Map(newestPerAggregate(list).map((e) => [e.aggregateId, e.version]));
        expect(state(repeated)).toEqual(state(events));
      }),
    );
  });
});
