import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

function withPayment({ slot, orderId }: Placed, change: string): Promise<string[]> {
  const where = { slot, order_id: orderId, attempt: 0 };
  const fault = change.startsWith('DELETE') ? change : `UPDATE payment_branch SET ${change}`;
  return world.planted('I4', { map: 'payments', table: 'payment_branch', where, fault });
}

function withStock({ orderId, products }: Placed, change: string): Promise<string[]> {
  const [{ slot, productId }] = products as [Placed['products'][number]];
  const where = { slot, order_id: orderId, product_id: productId };
  const fault = change.startsWith('DELETE') ? change : `UPDATE stock_branch SET ${change}`;
  return world.planted('I4', { map: 'products', table: 'stock_branch', where, fault });
}

function withOrder({ slot, orderId }: Placed, change: string): Promise<string[]> {
  const where = { slot, order_id: orderId };
  const fault = change.startsWith('DELETE') ? change : `UPDATE orders SET ${change}`;
  return world.planted('I4', { map: 'orders', table: 'orders', where, fault });
}

test('passes orders in every state, void ids and refused placings', async () => {
  expect(await world.audit('I4')).toMatchObject({ verdict: 'clean' });
});

describe('a paid order', () => {
  test('whose payment was never captured', async () => {
    const key = `order ${placed.paid.orderId}`;
    expect(await withPayment(placed.paid, "phase = 'cancelled'")).toEqual([`${key} [payment]`]);
    expect(await withPayment(placed.paid, 'DELETE FROM payment_branch')).toEqual([`${key} [payment]`]);
    expect(await withPayment(placed.paid, "phase = 'tried'")).toEqual([`${key} [payment]`, `${key} [payment-open]`]);
  });

  test('that was paid twice, by two attempts', async () => {
    const { slot, orderId, userId, total } = placed.paid;
    const where = { slot, order_id: orderId, attempt: 1 };
    const money = { user_id: userId, currency: 'EUR', amount: total, phase: 'confirmed', ask_at: null };
    const fault = { ...where, ...money, created_at: new Date(), updated_at: new Date() };
    const found = await world.planted('I4', { map: 'payments', table: 'payment_branch', where, fault });
    expect(found).toEqual([`order ${orderId} [payment]`]);
  });

  test('of which another amount was captured', async () => {
    expect(await withPayment(placed.paid, 'amount = amount - 1')).toEqual([`order ${placed.paid.orderId} [amount]`]);
  });

  test("that somebody else's money paid", async () => {
    const found = await withPayment(placed.paid, 'user_id = 17');
    expect(found).toEqual([`order ${placed.paid.orderId} [foreign-payment]`]);
  });

  test('whose stock was not sold, or not in its own quantity', async () => {
    const key = `order ${placed.paid.orderId}`;
    expect(await withStock(placed.paid, "phase = 'cancelled'")).toEqual([`${key} [stock]`]);
    expect(await withStock(placed.paid, 'DELETE FROM stock_branch')).toEqual([`${key} [stock]`]);
    // Five units on two lines; the branch of the first line alone would hold two.
    expect(await withStock(placed.paid, 'quantity = 2')).toEqual([`${key} [units]`]);
  });
});

test('finds a cancelled order that still holds money or stock', async () => {
  const key = `order ${placed.returned.orderId}`;
  expect(await withPayment(placed.returned, "phase = 'confirmed'")).toEqual([`${key} [payment]`]);
  expect(await withStock(placed.returned, "phase = 'confirmed'")).toEqual([`${key} [stock]`]);
  expect(await withStock(placed.expired, "phase = 'tried'")).toEqual([`order ${placed.expired.orderId} [stock]`]);
});

test('finds a waiting order whose money was taken or whose stock was let go', async () => {
  const key = `order ${placed.waiting.orderId}`;
  expect(await withPayment(placed.waiting, "phase = 'confirmed'")).toEqual([`${key} [payment]`]);
  expect(await withStock(placed.waiting, "phase = 'voided'")).toEqual([`${key} [stock]`]);
});

test('finds an order whose status was changed without its branches, either way', async () => {
  const paid = `order ${placed.paid.orderId}`;
  expect(await withOrder(placed.paid, "status = 'CANCELLED'")).toEqual([`${paid} [stock]`, `${paid} [payment]`]);
  const waiting = `order ${placed.waiting.orderId}`;
  const expected = [`${waiting} [payment]`, `${waiting} [payment-open]`, `${waiting} [stock]`];
  expect(await withOrder(placed.waiting, "status = 'SHIPPED'")).toEqual(expected);
  expect(await withOrder(placed.paid, "status = 'LOST'")).toEqual([`${paid} [status]`]);
});

test('finds an order that is gone while its money and stock are not', async () => {
  const found = await withOrder(placed.paid, 'DELETE FROM orders');
  expect(found).toEqual([`order ${placed.paid.orderId} [no-order]`]);
});

test('finds stock that an order holds without naming it, and stock of a void id', async () => {
  const { productId, slot } = await shop.product();
  const row = { quantity: 1, phase: 'tried', ask_at: inAnHour(), created_at: new Date(), updated_at: new Date() };
  const foreign = { slot, order_id: placed.waiting.orderId, product_id: productId };
  const plant = { map: 'products', table: 'stock_branch' } as const;
  const found = await world.planted('I4', { ...plant, where: foreign, fault: { ...foreign, ...row } });
  expect(found).toEqual([`order ${placed.waiting.orderId} [foreign-stock]`]);
  const ofVoid = { slot, order_id: await shop.voidOrder(placed.paid.userId), product_id: productId };
  const alsoFound = await world.planted('I4', { ...plant, where: ofVoid, fault: { ...ofVoid, ...row } });
  expect(alsoFound).toEqual([`order ${ofVoid.order_id} [no-order]`]);
});
