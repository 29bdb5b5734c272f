import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planMap } from './plan.ts';
import { decodeShardMap, encodeShardMap } from './shard-map-json.ts';
import { MAP_SLOTS, type MapName, type ShardMap, slotChanges } from './shard-map.ts';

const map = planMap(undefined, [{ name: 'order-0' }, { name: 'order-1', weight: 2 }], { name: 'orders' });
type Json = ReturnType<typeof JSON.parse>;

/** The map as JSON after `change` has damaged it. */
function damaged(change: (json: Json) => void): string {
  const json = JSON.parse(encodeShardMap(map));
  change(json);
  return JSON.stringify(json);
}

describe('the JSON of a shard map', () => {
  it('comes back as it was, whoever owns what and whatever moves', () => {
    const owners = fc.array(fc.nat(2), { minLength: 512, maxLength: 512 });
    fc.assert(
      fc.property(owners, fc.subarray([0, 1, 300, 511]), fc.integer({ min: 1 }), (list, moving, epoch) => {
        const shards = ['a', 'b', 'c'].map((name) => ({ name, weight: 1.5, state: 'active' as const }));
        const moves = moving.map((slot) => ({
          slot,
          from: shards[list[slot]!]!.name,
          to: shards[(list[slot]! + 1) % 3]!.name,
          state: 'copying' as const,
        }));
        const any: ShardMap = { name: 'products', epoch, strategy: 'xor', slots: 512, shards, owners: list, moves };
        expect(decodeShardMap(encodeShardMap(any), { name: 'products', strategy: 'xor' })).toEqual(any);
      }),
    );
  });

  it('is short, and ignores what a later version adds', () => {
    expect(encodeShardMap(map).length).toBeLessThan(6_000);
    expect(decodeShardMap(damaged((json) => (json.comment = 'new')))).toEqual(map);
  });

  it.each<[string, RegExp, (json: Json) => void]>([
    ['a hole', /hole: slot 0 has no owner/, (json) => (json.owners = { 'order-0': '1-500', 'order-1': '501-1023' })],
    [
      'a double owner',
      /double-owner: slot 500: order-0 and order-1/,
      (json) => (json.owners = { 'order-0': '0-500', 'order-1': '500-1023' }),
    ],
    [
      'a slot twice in one list',
      /double-owner: slot 3: order-0 and order-0/,
      (json) => (json.owners = { 'order-0': '0-1023,3' }),
    ],
    ['an owner that is no shard', /unknown-shard: "order-7"/, (json) => (json.owners['order-7'] = '')],
    ['too many slots', /length: slot 1024 in a map of 1024/, (json) => (json.owners = { 'order-0': '0-1024' })],
    ['a backward range', /"9-3" runs backwards/, (json) => (json.owners = { 'order-0': '9-3' })],
    ['a range that is none', /"all" is no range/, (json) => (json.owners = { 'order-0': 'all' })],
    [
      'another slot count',
      /slots: orders has 1024 slots for ever, not 512/,
      (json) => ((json.slots = 512), (json.owners = { 'order-0': '0-511' })),
    ],
    ['an absurd slot count', /slots/, (json) => (json.slots = 1e12)],
    ['an unknown strategy', /strategy: "crc32" is not known/, (json) => (json.strategy = 'crc32')],
    ['a strategy from the prototype', /strategy/, (json) => (json.strategy = 'toString')],
    ['an unknown name', /name: there is no map "carts"/, (json) => (json.name = 'carts')],
    ['epoch 0', /epoch/, (json) => (json.epoch = 0)],
    ['a fractional epoch', /epoch/, (json) => (json.epoch = 1.5)],
    ['a later format', /format: 2 instead of 1/, (json) => (json.format = 2)],
    ['two shards of one name', /order-0 is there twice/, (json) => (json.shards[1].name = 'order-0')],
    ['a weight of zero', /order-0 weighs 0/, (json) => (json.shards[0].weight = 0)],
    ['a shard in no known state', /order-0 is "asleep"/, (json) => (json.shards[0].state = 'asleep')],
    ['no shards', /shards: 1 to/, (json) => ((json.shards = []), (json.owners = {}))],
    ['no moves field', /moves: a list is needed/, (json) => delete json.moves],
    [
      'a move of a slot that is not there',
      /there is no slot 5000/,
      (json) => json.moves.push({ slot: 5000, from: 'order-0', to: 'order-1', state: 'copying' }),
    ],
    ['a list instead of a map', /an object is needed/, (json) => (json.owners = [])],
  ])('refuses %s', (_, message, change) => {
    const text = damaged(change);
    expect(() => decodeShardMap(text)).toThrow(message);
  });

  it('refuses moves that contradict the owners', () => {
    const slot = map.owners.indexOf(0);
    const move = { slot, from: 'order-0', to: 'order-1', state: 'copying' as const };
    expect(() => encodeShardMap({ ...map, moves: [move, move] })).toThrow(/moves twice/);
    expect(() => encodeShardMap({ ...map, moves: [{ ...move, from: 'order-1', to: 'order-0' }] })).toThrow(
      /belongs to order-0/,
    );
    expect(() => encodeShardMap({ ...map, moves: [{ ...move, to: 'order-0' }] })).toThrow(/to itself/);
    expect(() => encodeShardMap({ ...map, moves: [{ ...move, to: 'order-9' }] })).toThrow(/unknown-shard/);
    expect(() => encodeShardMap({ ...map, moves: [{ ...move, state: 'flying' as never }] })).toThrow(/"flying"/);
  });

  it('never throws anything but its own error, whatever the text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ format: fc.constant(1), slots: fc.nat(9), shards: fc.anything(), owners: fc.anything() })
        .map((v) => JSON.stringify(v)),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(() => decodeShardMap(any)).toThrow(expect.objectContaining({ name: 'ShardMapInvalid' }));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses the map of another process: name or strategy', () => {
    expect(() => decodeShardMap(encodeShardMap(map), { strategy: 'modulo' })).toThrow(
      /works with "modulo", the map with "md5"/,
    );
    expect(() => decodeShardMap(encodeShardMap(map), { name: 'users' })).toThrow(/name/);
  });

  it('refuses to write a broken map', () => {
    expect(() => encodeShardMap({ ...map, owners: map.owners.slice(1) })).toThrow(/length: 1023 owners for 1024 slots/);
    expect(() => encodeShardMap({ ...map, owners: map.owners.with(5, 2) })).toThrow(/unknown-shard: slot 5/);
  });
});

describe('MAP_SLOTS', () => {
  it.each(Object.keys(MAP_SLOTS) as MapName[])('makes a first map of %s', (name) => {
    const first = planMap(undefined, [{ name: 'only' }], { name, strategy: 'modulo' });
    expect([first.slots, first.epoch, first.strategy]).toEqual([MAP_SLOTS[name], 1, 'modulo']);
    expect(slotChanges(first, first)).toEqual([]);
  });
});
