import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.testing.ts';
import { World } from './world.testing.ts';

let world: World;
let shop: Shop;
beforeAll(async () => {
  world = await World.open();
  shop = new Shop(world);
  await shop.fill();
});
afterAll(() => world?.close());

async function withStock(change: string): Promise<{ found: string[]; key: string }> {
  const { productId, slot } = await shop.product();
  const where = { slot, product_id: productId };
  const found = await world.planted('I1', {
    map: 'products',
    table: 'stock',
    where,
    fault: `UPDATE stock SET ${change}`,
  });
  return { found, key: `product ${productId}` };
}

test('passes what is right: waiting, sold, returned, cancelled and refused', async () => {
  expect(await world.audit('I1')).toMatchObject({ verdict: 'clean', total: 0, checked: 12 });
});

test('finds units that vanished from the shelf', async () => {
  const { found, key } = await withStock('available = available - 1, on_hand = on_hand - 1');
  expect(found).toEqual([`${key} [received]`]);
});

test('finds a sum that is off by one while every other number is right', async () => {
  const { found, key } = await withStock('available = available + 1');
  expect(found).toEqual([`${key} [sum]`]);
});

test('finds an oversold product', async () => {
  const { found, key } = await withStock('available = -1, frozen = 101');
  expect(found).toEqual([`${key} [negative]`]);
});

test('finds a receipt that was counted twice', async () => {
  const { productId, slot } = await shop.product();
  const where = { slot, product_id: productId };
  const fault = 'UPDATE stock_receipt SET quantity = quantity * 2';
  const found = await world.planted('I1', { map: 'products', table: 'stock_receipt', where, fault });
  expect(found).toEqual([`product ${productId} [received]`]);
});

test('finds a sale of a product that has no stock', async () => {
  const productId = await world.mint();
  const at = new Date();
  const where = { slot: 3, order_id: await world.mint(), product_id: productId };
  const fault = { ...where, quantity: 1, phase: 'confirmed', ask_at: null, created_at: at, updated_at: at };
  const found = await world.planted('I1', { map: 'products', table: 'stock_branch', where, fault });
  expect(found).toEqual([`product ${productId} [no-stock]`]);
});
