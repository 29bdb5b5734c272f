import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.testing.ts';
import { namesOf, World } from './world.testing.ts';

let world: World;
let shop: Shop;
let placed: Awaited<ReturnType<Shop['fill']>>;
beforeAll(async () => {
  world = await World.open();
  shop = new Shop(world);
  placed = await shop.fill();
});
afterAll(() => world?.close());

test('passes an index that says what the shards say', async () => {
  expect(await world.audit('I9')).toMatchObject({ verdict: 'clean', checked: 10 });
});

test.each([
  ['status', 'PAID'],
  ['total', 1],
  ['currency', 'USD'],
  ['userId', '17'],
  ['orderKey', '17'],
  ['names', ['Kettle']],
  ['productIds', []],
  ['createdAt', '2026-01-31T12:00:00.124Z'],
  ['updatedAt', '2026-01-31T12:00:01.123Z'],
])("finds a document whose %s is not the order's", async (field, value) => {
  await shop.index(placed.returned, 'returned', { [field]: value });
  const { offences } = await world.audit('I9');
  await shop.index(placed.returned, 'returned');
  expect(offences).toMatchObject([{ key: `order ${placed.returned.orderId}`, rule: field }]);
});

test('finds a document of an older version', async () => {
  const { slot, orderId } = placed.paid;
  const where = { slot, order_id: orderId };
  const fault = 'UPDATE orders SET version = version + 1';
  const found = await world.planted('I9', { map: 'orders', table: 'orders', where, fault });
  expect(found).toEqual([`order ${orderId} [version]`]);
});

test('finds an order that was never indexed, and a document of an order that is not there', async () => {
  const { orderId } = placed.paid;
  const ghost = { ...placed.paid, orderId: await world.mint(3) };
  await shop.unindex(orderId, 2);
  await shop.index(ghost, 'paid');
  const found = namesOf(await world.audit('I9'));
  await shop.unindex(ghost.orderId, 2);
  await shop.index(placed.paid, 'paid');
  expect(found).toEqual([`order ${ghost.orderId} [no-order]`, `order ${orderId} [missing]`]);
  expect(await world.audit('I9')).toMatchObject({ verdict: 'clean' });
});
