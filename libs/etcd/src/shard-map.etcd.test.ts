import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeShardMap, encodeShardMap, planMap, type ShardMap } from '@tradewind/sharding';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EtcdConnection } from './connection.ts';
import { ShardMapStore } from './shard-map-store.ts';
import { memoryLog, type RealEtcd, realEtcd, testConnection, until, Wire } from './testing.ts';
import { watchShardMap } from './watch-shard-map.ts';

const shards = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `order-${i}` }));
const maps: ShardMap[] = [planMap(undefined, shards(1), { name: 'orders' })];
for (let count = 2; count <= 6; count++) maps.push(planMap(maps.at(-1)!, shards(count)));
const [one, two, three, four] = maps as [ShardMap, ShardMap, ShardMap, ShardMap];

let server: RealEtcd;
let wire: Wire;
let direct: EtcdConnection;
let etcd: EtcdConnection;
let store: ShardMapStore;
let dir: string;

beforeAll(async () => {
  server = await realEtcd();
  wire = await Wire.to(server.endpoint);
});

beforeEach(async () => {
  wire.heal();
  direct = testConnection(server.endpoint);
  etcd = testConnection(wire.endpoint, { prefix: direct.prefix });
  store = new ShardMapStore(direct);
  dir = await mkdtemp(join(tmpdir(), 'tradewind-maps-'));
  return async () => {
    await Promise.all([etcd.close(), direct.client.delete().prefix(direct.prefix)]);
    await direct.close();
    await rm(dir, { recursive: true });
  };
});

afterAll(async () => {
  wire.close();
  await server.stop();
});

describe('ShardMapStore', () => {
  it('creates a map only where there is none', async () => {
    expect(await store.read('orders')).toBeUndefined();
    expect(await store.create(one)).toBe('created');
    expect(await store.create(two)).toBe('exists');
    expect(await store.read('orders')).toEqual(one);
  });

  it('lets exactly one of two planners at once replace an epoch', async () => {
    await store.create(one);
    const other = { ...two, shards: two.shards.with(1, { ...two.shards[1]!, name: 'order-9' }) };
    const outcomes = await Promise.all([store.replace(two, 1), store.replace(other, 1), store.replace(two, 1)]);
    expect(outcomes.toSorted()).toEqual(['replaced', 'stale', 'stale']);
    expect(await store.replace(three, 1)).toBe('stale');
    expect((await store.read('orders'))?.epoch).toBe(2);
  });

  it('replaces nothing where nothing is, and never lowers an epoch', async () => {
    expect(await store.replace(two, 1)).toBe('stale');
    await expect(store.replace(one, 1)).rejects.toThrow(/does not follow/);
  });

  it('says that the outcome is unknown when etcd does not answer a write', async () => {
    const mine = new ShardMapStore(etcd);
    await mine.create(one);
    wire.mute();
    await expect(mine.create(two)).rejects.toThrow(/outcome unknown/);
  });
});

describe('watchShardMap', () => {
  const options = (more = {}) => ({ etcd, log: memoryLog(), cacheFile: join(dir, 'orders.json'), ...more });

  it('follows the map and keeps a copy', async () => {
    await store.create(one);
    const seen: number[] = [];
    const router = await watchShardMap('orders', options({ onChange: (map: ShardMap) => seen.push(map.epoch) }));
    expect(router.source).toBe('etcd');
    await store.replace(two, 1);
    await until('epoch 2', () => router.epoch === 2);
    await router.stop();
    expect(seen).toEqual([2]);
    expect(decodeShardMap(await readFile(join(dir, 'orders.json'), 'utf8'))).toEqual(two);
  });

  it('goes on with the last map while etcd is away, and finds the changes that a compaction hid', async () => {
    await store.create(one);
    const router = await watchShardMap('orders', options());
    wire.cut();
    await store.replace(two, 1);
    await store.replace(three, 2);
    await store.replace(four, 3);
    const { header } = await direct.client.get('nothing').exec();
    await direct.client.kv.compact({ revision: header.revision, physical: true });
    expect(router.epoch).toBe(1);
    wire.heal();
    await until('epoch 4', () => router.epoch === 4);
  });

  it('notices a connection that is silently dead', { timeout: 60_000 }, async () => {
    await store.create(one);
    const router = await watchShardMap('orders', options());
    wire.mute();
    await store.replace(two, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(router.epoch).toBe(1);
    // New connections pass, the old one stays mute: only its keep-alive can find that out.
    wire.unmuteNew();
    await until('epoch 2', () => router.epoch === 2, 20_000);
  });

  it('starts from its cached copy when etcd is away, says so, and catches up', async () => {
    await writeFile(join(dir, 'orders.json'), encodeShardMap(one));
    await store.create(one);
    await store.replace(two, 1);
    wire.cut();
    const log = memoryLog();
    const router = await watchShardMap('orders', options({ log }));
    expect([router.source, router.epoch]).toEqual(['cache', 1]);
    expect(log.lines.join('\n')).toMatch(/warn shard map taken from the cached copy/);
    wire.heal();
    await until('epoch 2', () => router.epoch === 2);
  });

  it('never goes back in epoch, neither while it runs nor over a restart', async () => {
    await store.create(two);
    const router = await watchShardMap('orders', options());
    await direct.client.put(store.key('orders')).value(encodeShardMap(one));
    await router.refresh();
    expect(router.epoch).toBe(2);
    await router.stop();
    const again = await watchShardMap('orders', options());
    expect([again.source, again.epoch]).toEqual(['cache', 2]);
  });

  it('keeps the last map when a broken one is stored or the key is gone, and says why', async () => {
    await store.create(one);
    const log = memoryLog();
    const router = await watchShardMap('orders', options({ log }));
    const double = encodeShardMap(two).replace(/("order-1":")/, '$10-1023,');
    await direct.client.put(store.key('orders')).value(double);
    await until('refused', () => log.lines.some((line) => /shard map refused.*double-owner: slot/.test(line)));
    await direct.client.delete().key(store.key('orders'));
    await until('gone', () => log.lines.some((line) => line.includes('shard map gone from etcd')));
    expect(router.epoch).toBe(1);
  });

  it('refuses to start with another strategy, even when the cached copy would do', async () => {
    await writeFile(join(dir, 'orders.json'), encodeShardMap({ ...one, strategy: 'modulo' }));
    await store.create(one);
    await expect(watchShardMap('orders', options({ strategy: 'modulo' }))).rejects.toThrow(/works with "modulo"/);
  });

  it('fails clearly with neither etcd nor a copy, and waits for a map that is about to be created', async () => {
    wire.cut();
    await expect(watchShardMap('orders', options({ startMs: 300 }))).rejects.toThrow(
      /no map "orders" from etcd at http/,
    );
    wire.heal();
    await expect(watchShardMap('orders', options({ startMs: 300 }))).rejects.toThrow(/has no map "orders"/);
    const starting = watchShardMap('orders', options());
    await store.create(one);
    expect((await starting).epoch).toBe(1);
  });

  it('does without a cached copy that is damaged', async () => {
    await writeFile(join(dir, 'orders.json'), encodeShardMap(one).slice(0, 300));
    await store.create(one);
    const router = await watchShardMap('orders', options());
    expect(router.source).toBe('etcd');
  });
});
