import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.testing.ts';
import { World } from './world.testing.ts';

let world: World;
let placed: Awaited<ReturnType<Shop['fill']>>;
beforeAll(async () => {
  world = await World.open();
  placed = await new Shop(world).fill();
});
afterAll(() => world?.close());

const entry = (version: number) => {
  const { slot, orderId } = placed.returned;
  return { map: 'orders', table: 'order_log', where: { slot, order_id: orderId, version } } as const;
};

test('passes whole histories, and void ids that have none', async () => {
  expect(await world.audit('I7')).toMatchObject({ verdict: 'clean', checked: 6 });
});

test('finds a gap in the middle', async () => {
  const found = await world.planted('I7', { ...entry(2), fault: 'DELETE FROM order_log' });
  expect(found).toEqual([`order ${placed.returned.orderId} [gap]`]);
});

test('finds a version that was logged twice', async () => {
  const { slot, orderId } = placed.returned;
  const where = { slot, order_id: orderId, version: 3, at: new Date('2026-02-01T00:00:00.000Z') };
  const row = { ...where, status: 'CANCELLED', actor: 'system', cause: 'test' };
  const found = await world.planted('I7', { map: 'orders', table: 'order_log', where, fault: row });
  expect(found).toEqual([`order ${orderId} [gap]`]);
});

test('finds a last change that was not logged, or was logged as another', async () => {
  const key = `order ${placed.returned.orderId}`;
  expect(await world.planted('I7', { ...entry(3), fault: 'DELETE FROM order_log' })).toEqual([`${key} [last]`]);
  const fault = "UPDATE order_log SET status = 'PAID'";
  expect(await world.planted('I7', { ...entry(3), fault })).toEqual([`${key} [last]`]);
});

test('finds a history whose order is gone', async () => {
  const { slot, orderId } = placed.paid;
  const where = { slot, order_id: orderId };
  const found = await world.planted('I7', { map: 'orders', table: 'orders', where, fault: 'DELETE FROM orders' });
  expect(found).toEqual([`order ${orderId} [no-order]`]);
});
