import { afterAll, beforeAll, expect, test } from 'vitest';
import { md5Slot, Shop } from './shop.testing.ts';
import { namesOf, World } from './world.testing.ts';

let world: World;
let placed: Awaited<ReturnType<Shop['fill']>>;
beforeAll(async () => {
  world = await World.open();
  placed = await new Shop(world).fill();
});
afterAll(() => world?.close());

test('passes rows that lie where their ids and the map say', async () => {
  expect(placed.paid.slot).toBe(md5Slot(placed.paid.userId, 1024));
  expect(await world.audit('I10')).toMatchObject({ verdict: 'clean' });
});

test('finds an order that is in two shards', async () => {
  const { slot, orderId } = placed.paid;
  const where = { slot, order_id: orderId };
  const [copy] = await world
    .shardAt('orders', slot)
    .read<Record<string, string>>('SELECT * FROM orders WHERE slot = ? AND order_id = ?', [slot, orderId]);
  const shard = world.strangerTo('orders', slot);
  const found = await world.planted('I10', { map: 'orders', table: 'orders', where, fault: copy!, shard });
  expect(found).toEqual([`orders order_id ${orderId} [shard]`]);
});

test('finds a product that lies in another slot of the right shard', async () => {
  const [{ slot, productId }] = placed.paid.products as [(typeof placed.paid.products)[number]];
  const shard = world.shardAt('products', slot);
  const other = world.maps
    .get('products')!
    .owners.findIndex((_, each) => each !== slot && world.shardAt('products', each) === shard);
  await world.run('products', slot, 'UPDATE stock SET slot = ? WHERE slot = ? AND product_id = ?', [
    other,
    slot,
    productId,
  ]);
  const found = namesOf(await world.audit('I10'));
  await world.run('products', other, 'UPDATE stock SET slot = ? WHERE slot = ? AND product_id = ?', [
    slot,
    other,
    productId,
  ]);
  expect(found).toEqual([`stock product_id ${productId} [slot]`]);
});

test("finds an order in its id's slot whose user lives elsewhere", async () => {
  const { slot, orderId } = placed.paid;
  const where = { slot, order_id: orderId };
  const fault = 'UPDATE orders SET user_id = 1';
  expect(slot).not.toBe(md5Slot('1', 1024));
  expect(await world.planted('I10', { map: 'orders', table: 'orders', where, fault })).toEqual([
    `orders order_id ${orderId} [slot]`,
  ]);
});

test('finds a wallet, a payment and a user that lie in the wrong slot', async () => {
  const wallet = { slot: placed.paid.slot, kind: 'wallet' };
  const fault = 'UPDATE account SET owner_id = 1';
  expect(await world.planted('I10', { map: 'payments', table: 'account', where: wallet, fault })).toContain(
    'account owner_id 1 [slot]',
  );
  const payment = { slot: placed.paid.slot, order_id: placed.paid.orderId };
  const foreign = 'UPDATE payment_branch SET user_id = 1';
  expect(
    await world.planted('I10', { map: 'payments', table: 'payment_branch', where: payment, fault: foreign }),
  ).toEqual([`payment_branch order_id ${placed.paid.orderId} [slot]`]);
  const user = { slot: 7, email: 'x@tradewind.example' };
  expect(md5Slot(user.email, 1024)).not.toBe(7);
  const row = { ...user, user_id: await world.mint(7), name: 'X', role: 'shopper', password_hash: 'x' };
  expect(
    await world.planted('I10', {
      map: 'users',
      table: 'app_user',
      where: user,
      fault: { ...row, created_at: new Date() },
    }),
  ).toEqual([`app_user user_id ${row.user_id} [slot]`]);
});

test('finds a fence that lets writers into a slot of another shard', async () => {
  const slot = 11;
  const shard = world.strangerTo('orders', slot);
  const where = { slot };
  const found = await world.planted('I10', {
    map: 'orders',
    table: 'slot_owner',
    where,
    fault: { slot, epoch: 1 },
    shard,
  });
  expect(found).toEqual(['slot_owner slot 11 [shard]']);
});
