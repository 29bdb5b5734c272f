import { randomUUID } from 'node:crypto';
import { connectEtcd, type EtcdConnection, ShardMapStore } from '@tradewind/etcd';
import { type FreshSchema, freshSchema } from '@tradewind/mysql/testing';
import { planMap } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KINDS } from '../kinds.ts';
import { migrateShards } from '../migrate/migrate-shards.ts';
import { ensureMap } from './shard-maps.ts';
import { fillSlotOwners } from './slot-owners.ts';
import { ensureTopics } from './topics.ts';
import { addressOf, waitForServers } from './wait-for-servers.ts';

const NAMES = ['payment-0', 'payment-1'];
const endpoints = process.env['ETCD_ENDPOINTS'];
if (!endpoints) throw new Error('ETCD_ENDPOINTS must name an etcd server to test against');

let etcd: EtcdConnection;
const schemas: FreshSchema[] = [];
beforeAll(async () => {
  etcd = connectEtcd({ endpoints, log: silentLog, prefix: `/tradewind-test-${randomUUID()}` });
  const { migrations } = KINDS.find(({ map }) => map === 'payments')!;
  for (const name of NAMES) schemas.push(await freshSchema(migrations, { name, slots: [] }));
});
afterAll(async () => {
  await etcd.client.delete().prefix(etcd.prefix).exec();
  await etcd.close();
  for (const schema of schemas) await schema.close();
});

const shards = () => schemas.map(({ shard }) => shard);

test('of eight that create the map at once one does, and all go on with the same one', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, () => ensureMap(etcd, 'payments', NAMES)));
  expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(new Set(results.map(({ map }) => JSON.stringify(map))).size).toBe(1);
});

test('refuses a map that names a shard which has no address here', async () => {
  await expect(ensureMap(etcd, 'payments', ['payment-0'])).rejects.toThrow(
    /names payment-1, which the environment does not/,
  );
});

test('fills the owners once when two do it at once, and keeps a row of a later epoch', async () => {
  const { map } = await ensureMap(etcd, 'payments', NAMES);
  const slot = map.owners.indexOf(0);
  await shards()[0]!.transaction((tx) => tx.run('INSERT INTO slot_owner (slot, epoch) VALUES (?, 7)', [slot]));
  const filled = await Promise.all([fillSlotOwners(map, shards()), fillSlotOwners(map, shards())]);
  expect(filled.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(1023);
  expect(filled[0]?.contradictions).toEqual([
    `payment-0 holds slot ${slot} since epoch 7, but the payments map is of epoch 1`,
  ]);
  const [row] = await shards()[0]!.read<{ epoch: number }>('SELECT epoch FROM slot_owner WHERE slot = ?', [slot]);
  expect(row?.epoch).toBe(7);
});

test('a map of a later epoch stays, and new slots are filled with its epoch', async () => {
  const store = new ShardMapStore(etcd);
  const first = planMap(undefined, [{ name: 'users-0' }], { name: 'users' });
  await store.create(first);
  await store.replace({ ...first, epoch: 5 }, 1);
  expect(await ensureMap(etcd, 'users', ['users-0'])).toMatchObject({ isNew: false, map: { epoch: 5 } });
});

test('migrates what can be migrated and names the shard that can not', async () => {
  const none = new Map<string, string>();
  const good = new Map([['payment-0', schemas[0]!.url]]);
  const url = new URL(schemas[0]!.url);
  url.password = 'wrong';
  const urls = { ORDER_SHARDS: none, INVENTORY_SHARDS: none, STOREFRONT_SHARDS: none };
  expect(await migrateShards({ ...urls, PAYMENT_SHARDS: good })).toMatchObject([{ shard: 'payment-0', applied: [] }]);
  const bad = new Map([...good, ['payment-1', url.toString()]]);
  await expect(migrateShards({ ...urls, PAYMENT_SHARDS: bad })).rejects.toThrow(
    /^payment-1 could not be migrated: Access denied/,
  );
});

test('says in one sentence who does not answer', async () => {
  const nobody = addressOf('http://127.0.0.1:1', 80);
  await expect(waitForServers([nobody, nobody], 300)).rejects.toThrow('nothing answers at 127.0.0.1:1 within 0.3 s');
  await expect(ensureTopics(['127.0.0.1:1'], 300)).rejects.toThrow(/^Kafka at 127.0.0.1:1 makes no topics: /);
});
