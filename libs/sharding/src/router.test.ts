import { describe, expect, it } from 'vitest';
import { planMap } from './plan.ts';
import { ShardRouter } from './router.ts';
import type { ShardMap } from './shard-map.ts';
import { asSlot, orderSlot } from './slot.ts';

const shards = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `order-${i}` }));
const first = planMap(undefined, shards(2), { name: 'orders' });
const second = planMap(first, shards(3));

describe('ShardRouter', () => {
  it('answers with the owner and the epoch, and with the same object for each slot of a shard', () => {
    const router = new ShardRouter(first);
    const slot = orderSlot('42');
    expect(router.shardOf(slot)).toEqual({ shard: first.shards[first.owners[slot]!]!.name, epoch: 1 });
    expect(router.shardOf(slot)).toBe(router.shardOf(slot));
    expect(router.slotOf('42')).toBe(slot);
  });

  it('takes a newer map and never goes back', () => {
    const router = new ShardRouter(first);
    expect(router.apply(second)).toBe(true);
    expect(router.apply(first)).toBe(false);
    expect(router.apply(second)).toBe(false);
    expect(router.epoch).toBe(2);
    expect(router.shardOf(asSlot(0)).epoch).toBe(2);
  });

  it('keeps its map when the new one is of another strategy, name or slot count, or broken', () => {
    const router = new ShardRouter(first);
    const holed = second.owners.with(7, undefined as unknown as number);
    const products = planMap(undefined, shards(2), { name: 'products' });
    expect(() => router.apply({ ...second, strategy: 'modulo' })).toThrow(/strategy: "modulo" can't replace "md5"/);
    expect(() => router.apply({ ...second, name: 'users' })).toThrow(/name/);
    expect(() => router.apply({ ...products, epoch: 9 })).toThrow(/name/);
    expect(() => router.apply({ ...second, owners: holed })).toThrow(/hole: slot 7/);
    expect(router.map).toBe(first);
  });

  it('refuses two different maps of one epoch, the mark of two planners without compare-and-set', () => {
    const router = new ShardRouter(second);
    const twin: ShardMap = { ...second, owners: second.owners.with(0, second.owners[0] === 0 ? 1 : 0) };
    expect(() => router.apply(twin)).toThrow(/two different maps of epoch 2/);
  });

  it('refuses a slot that is not there instead of answering undefined', () => {
    const router = new ShardRouter(first);
    expect(() => router.shardOf(1024 as never)).toThrow(RangeError);
    expect(() => router.shardOf(Number.NaN as never)).toThrow(RangeError);
  });
});
