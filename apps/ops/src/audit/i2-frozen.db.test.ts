import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAnHour, type Placed, Shop } from './shop.testing.ts';
import { World } from './world.testing.ts';

let world: World;
let shop: Shop;
let placed: Awaited<ReturnType<Shop['fill']>>;
beforeAll(async () => {
  world = await World.open();
  shop = new Shop(world);
  placed = await shop.fill();
});
afterAll(() => world?.close());

function branchOf({ orderId, products }: Placed) {
  const [{ slot, productId }] = products as [Placed['products'][number]];
  return { where: { slot, order_id: orderId, product_id: productId }, key: `order ${orderId} product ${productId}` };
}

function withBranch(order: Placed, change: string): Promise<string[]> {
  const { where } = branchOf(order);
  const fault = `UPDATE stock_branch SET ${change}`;
  return world.planted('I2', { map: 'products', table: 'stock_branch', where, fault });
}

test('passes stock that is frozen for an order that waits', async () => {
  expect(await world.audit('I2')).toMatchObject({ verdict: 'clean', checked: 14 });
});

test('finds units that are frozen for nobody', async () => {
  const { productId, slot } = await shop.product();
  const where = { slot, product_id: productId };
  const fault = 'UPDATE stock SET available = available - 1, frozen = frozen + 1';
  const found = await world.planted('I2', { map: 'products', table: 'stock', where, fault });
  expect(found).toEqual([`product ${productId} [frozen]`]);
});

test('finds stock that a paid order still holds, unless its confirmation is noted as still to be done', async () => {
  const order = placed.paid;
  const [{ productId }] = order.products as [Placed['products'][number]];
  const fault = `phase = 'tried', ask_at = '${inAnHour().toISOString().slice(0, 19)}'`;
  const frozen = `product ${productId} [frozen]`; // the branch is tried again, the stock's own row is not
  expect(await withBranch(order, fault)).toEqual([frozen, `${branchOf(order).key} [unwanted]`]);

  const note = { slot: order.slot, order_id: order.orderId, version: 2 };
  const row = { ...note, action: 'confirm', pay_attempt: 0, created_at: new Date() };
  await world.insert('orders', 'tcc_resolution', row);
  expect(await withBranch(order, fault).catch((error: Error) => error.message)).toEqual([frozen]);
  await world.run('orders', order.slot, 'DELETE FROM tcc_resolution WHERE slot = ?', [order.slot]);
});

test('finds stock that is frozen for an order that is not there', async () => {
  const { productId, slot } = await shop.product();
  const orderId = await world.mint(5);
  const where = { slot, product_id: productId };
  await world.run('products', slot, 'UPDATE stock SET available = 99, frozen = 1 WHERE slot = ? AND product_id = ?', [
    ...[slot, productId],
  ]);
  const branch = { ...where, order_id: orderId, quantity: 1, phase: 'tried', ask_at: inAnHour() };
  await world.insert('products', 'stock_branch', { ...branch, created_at: new Date(), updated_at: new Date() });
  const { offences } = await world.audit('I2');
  expect(offences).toMatchObject([{ key: `order ${orderId} product ${productId}`, rule: 'unwanted' }]);
  await world.run('products', slot, 'DELETE FROM stock_branch WHERE slot = ? AND product_id = ?', [slot, productId]);
  await world.run('products', slot, 'UPDATE stock SET available = 100, frozen = 0 WHERE slot = ? AND product_id = ?', [
    ...[slot, productId],
  ]);
});

test('finds a branch that did not ask when its time came, and leaves it a minute to do so', async () => {
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString().slice(0, 19);
  const { key } = branchOf(placed.waiting);
  expect(await withBranch(placed.waiting, `ask_at = '${ago(70)}'`)).toEqual([`${key} [late]`]);
  expect(await withBranch(placed.waiting, `ask_at = '${ago(30)}'`)).toEqual([]);
  expect(await withBranch(placed.waiting, 'ask_at = NULL')).toEqual([`${key} [no-time]`]);
});
