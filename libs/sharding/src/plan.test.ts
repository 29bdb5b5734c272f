import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planMap, type ShardSpec, SKEW_MOST } from './plan.ts';
import { buildRing, nodeAfter, slotPosition } from './ring.ts';
import { type ShardMap, slotChanges } from './shard-map.ts';

const equal = (count: number): ShardSpec[] => Array.from({ length: count }, (_, i) => ({ name: `order-${i}` }));
const counts = (map: ShardMap): number[] =>
  map.shards.map((_, index) => map.owners.filter((owner) => owner === index).length);

/** Within 5 % of its weight's share, or within one slot where 5 % is less than that. */
function expectBalanced(map: ShardMap): void {
  const total = map.shards.reduce((sum, { weight, state }) => sum + (state === 'active' ? weight : 0), 0);
  const load = counts(map);
  map.shards.forEach(({ weight, state }, index) => {
    const share = state === 'active' ? (map.slots * weight) / total : 0;
    expect(Math.abs(load[index]! - share)).toBeLessThanOrEqual(Math.max(1, share * SKEW_MOST) + 1e-9);
  });
}

// Long, for a machine that is busy with other tests.
describe('planMap', { timeout: 120_000 }, () => {
  it('spreads a first map within the bound for 1 to 64 shards', () => {
    for (let count = 1; count <= 64; count++) expectBalanced(planMap(undefined, equal(count), { name: 'orders' }));
  });

  it.each(['orders', 'products'] as const)(
    '%s: when the n-th shard joins, at most ceil(slots / n) slots move, all to it',
    (name) => {
      let map = planMap(undefined, equal(1), { name });
      for (let count = 2; count <= 80; count++) {
        const next = planMap(map, equal(count));
        const changes = slotChanges(map, next);
        expect(changes.length).toBeLessThanOrEqual(Math.ceil(map.slots / count));
        expect(new Set(changes.map(({ to }) => to))).toEqual(new Set([`order-${count - 1}`]));
        expectBalanced(next);
        expect(next.epoch).toBe(map.epoch + 1);
        map = next;
      }
    },
  );

  it('moves slots only to the shard that joins, though its name comes first and an odd slot is to be had', () => {
    const named = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `s-${999 - i}` }));
    let map = planMap(undefined, named(40), { name: 'products' });
    for (let count = 41; count <= 60; count++) {
      const next = planMap(map, named(count));
      expect(new Set(slotChanges(map, next).map(({ to }) => to))).toEqual(new Set([`s-${1000 - count}`]));
      map = next;
    }
  });

  it('moves at most 205 of 1024 slots from 4 shards to 5', () => {
    const four = planMap(undefined, equal(4), { name: 'orders' });
    expect(slotChanges(four, planMap(four, equal(5))).length).toBeLessThanOrEqual(205);
  });

  it('holds the bound for a join to any map that kept it, however the slots lie', () => {
    const layout = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.infiniteStream(fc.nat()));
    fc.assert(
      fc.property(layout, ([count, picks]) => {
        const map = shuffledWithinBound(count, picks);
        const next = planMap(map, equal(count + 1));
        expect(slotChanges(map, next).length).toBeLessThanOrEqual(Math.ceil(map.slots / (count + 1)));
        expectBalanced(next);
      }),
    );
  });

  it('keeps the bound through any history of joins, leaves, failures and weights, and loses no slot', () => {
    const shard = fc.record({
      name: fc.nat(9).map((i) => `order-${i}`),
      weight: fc.constantFrom(0.5, 1, 1, 1, 2, 3),
      state: fc.constantFrom(
        'active' as const,
        'active' as const,
        'active' as const,
        'draining' as const,
        'down' as const,
      ),
    });
    const step = fc.uniqueArray(shard, { minLength: 1, maxLength: 10, selector: ({ name }) => name });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (history) => {
        let map: ShardMap | undefined;
        for (const specs of history.filter((list) => list.some(({ state }) => state === 'active'))) {
          const next: ShardMap = map ? planMap(map, specs) : planMap(undefined, specs, { name: 'products' });
          expectBalanced(next);
          expect(counts(next).reduce((a, b) => a + b)).toBe(512);
          map = next;
        }
      }),
    );
  });

  it('gives a shard that joins the slots that the ring wants there, so that plans agree over time', () => {
    const four = planMap(undefined, equal(4), { name: 'orders' });
    const moved = slotChanges(four, planMap(four, equal(5))).map(({ slot }) => slot);
    const ring = buildRing(equal(5).map(({ name }) => ({ name, weight: 1 })));
    const wanted = moved.filter((slot) => nodeAfter(ring, slotPosition(slot), () => true) === 4);
    expect(wanted.length).toBeGreaterThan(moved.length * 0.75);
  });

  it('moves nothing but the slots of a shard that leaves', () => {
    const map = planMap(undefined, equal(6), { name: 'orders' });
    const next = planMap(
      map,
      equal(6).filter(({ name }) => name !== 'order-2'),
    );
    expect(new Set(slotChanges(map, next).map(({ from }) => from))).toEqual(new Set(['order-2']));
    const drained = planMap(
      map,
      equal(6).map((spec) => (spec.name === 'order-2' ? { ...spec, state: 'draining' as const } : spec)),
    );
    expect(counts(drained)[2]).toBe(0);
    expect(slotChanges(map, drained)).toEqual(slotChanges(map, next));
  });

  it('leaves a map within the bound as it is: same object, same epoch', () => {
    const map = planMap(undefined, equal(5), { name: 'orders' });
    expect(planMap(map, equal(5))).toBe(map);
  });

  it('gives the same plan in every process, and does not depend on the order in which shards are named', () => {
    const owner = (map: ShardMap) => map.owners.map((index) => map.shards[index]!.name);
    const map = planMap(undefined, equal(7), { name: 'orders' });
    expect(owner(planMap(undefined, equal(7).toReversed(), { name: 'orders' }))).toEqual(owner(map));
    expect(owner(map).slice(0, 8)).toMatchInlineSnapshot(`
      [
        "order-4",
        "order-3",
        "order-1",
        "order-1",
        "order-1",
        "order-2",
        "order-4",
        "order-6",
      ]
    `);
  });

  it('refuses to plan over moves that are under way, without an active shard, or with a bad one', () => {
    const map = planMap(undefined, equal(2), { name: 'orders' });
    const from = map.shards[map.owners[0]!]!.name;
    const moves = [{ slot: 0, from, to: from === 'order-0' ? 'order-1' : 'order-0', state: 'copying' as const }];
    expect(() => planMap({ ...map, moves }, equal(3))).toThrow(/slots are moving/);
    expect(() => planMap(map, [{ name: 'order-0', state: 'down' }])).toThrow(/none is active/);
    expect(() => planMap(map, [{ name: 'order-0', weight: -1 }])).toThrow(/weighs -1/);
  });
});

/** A map whose shards have up to 5 % more or less than their share, with slots strewn at random. */
function shuffledWithinBound(count: number, picks: Iterator<number>): ShardMap {
  const map = planMap(undefined, equal(count), { name: 'orders' });
  const owners = [...map.owners];
  const load = counts(map);
  const share = map.slots / count;
  const pick = (limit: number) => (picks.next().value as number) % limit;
  for (let i = 0; i < 2_000; i++) {
    const [slot, to] = [pick(map.slots), pick(count)];
    const from = owners[slot]!;
    if (load[to]! + 1 > share * (1 + SKEW_MOST) || load[from]! - 1 < share * (1 - SKEW_MOST)) continue;
    owners[slot] = to;
    load[from]!--;
    load[to]!++;
  }
  return { ...map, owners };
}
