import { planMap, type ShardMap } from '@tradewind/sharding';
import { expect, test } from 'vitest';
import { contradictionsOf, planInserts } from './slot-owners.ts';

const map: ShardMap = planMap(undefined, [{ name: 'payment-0' }, { name: 'payment-1' }], { name: 'payments' });
const slotOf = (shard: string): number => map.owners.findIndex((owner) => map.shards[owner]?.name === shard);
const rows = (...slots: number[]) => new Map(slots.map((slot) => [slot, 1]));

test('a fresh shard is given every slot that the map gives it', () => {
  const missing = planInserts(
    map,
    new Map([
      ['payment-0', rows()],
      ['payment-1', rows()],
    ]),
  );
  expect([...missing.values()].flat().length).toBe(1024);
  for (const [shard, slots] of missing)
    for (const slot of slots) expect(map.shards[map.owners[slot]!]!.name).toBe(shard);
});

test('a slot that another shard holds is not given to its owner by the map: it may be on its way', () => {
  const slot = slotOf('payment-0');
  const held = new Map([
    ['payment-0', rows()],
    ['payment-1', rows(slot)],
  ]);
  expect(planInserts(map, held).get('payment-0')).not.toContain(slot);
  expect(contradictionsOf(map, held)).toEqual([
    `payment-1 holds slot ${slot} since epoch 1, which the payments map gives to payment-0`,
  ]);
});

test('a slot that moves is left alone, though nobody holds it for a moment', () => {
  const slot = slotOf('payment-0');
  const moving: ShardMap = { ...map, moves: [{ slot, from: 'payment-0', to: 'payment-1', state: 'switching' }] };
  expect(planInserts(moving, new Map()).get('payment-0')).not.toContain(slot);
  expect(contradictionsOf(moving, new Map([['payment-1', rows(slot)]]))).toEqual([]);
});

test('a row of a later epoch than the map is told of', () => {
  const slot = slotOf('payment-0');
  expect(contradictionsOf(map, new Map([['payment-0', new Map([[slot, 2]])]]))).toEqual([
    `payment-0 holds slot ${slot} since epoch 2, but the payments map is of epoch 1`,
  ]);
});
