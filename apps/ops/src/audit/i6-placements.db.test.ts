import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.testing.ts';
import { namesOf, World } from './world.testing.ts';

let world: World;
let placed: Awaited<ReturnType<Shop['fill']>>;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradewind-test-'));
  world = await World.open();
  placed = await new Shop(world).fill();
});
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

const answer = (orderId: string, version = 1) => JSON.stringify({ orderId, status: 'PENDING_PAYMENT', version });
const effect = { fingerprint: Buffer.alloc(32), created_at: new Date() };

async function acknowledged(ids: readonly string[]): Promise<string> {
  const file = join(folder, String(ids.length));
  await writeFile(file, `${ids.join('\n')}\n`);
  return file;
}

test('passes orders that one key placed, whatever other keys paid and cancelled them', async () => {
  expect(await world.audit('I6')).toMatchObject({ verdict: 'clean' });
});

test('finds an order that two keys placed', async () => {
  const { slot, userId, orderId } = placed.paid;
  const where = { slot, user_id: userId, idem_key: Buffer.from('again') };
  const fault = { ...where, ...effect, subject_id: orderId, answer: answer(orderId) };
  const found = await world.planted('I6', { map: 'orders', table: 'idempotency', where, fault });
  expect(found).toEqual([`order ${orderId} [keys]`]);
});

test('finds an order that no key placed', async () => {
  const { slot, orderId } = placed.expired;
  const where = { slot, subject_id: orderId };
  const fault = 'DELETE FROM idempotency';
  expect(await world.planted('I6', { map: 'orders', table: 'idempotency', where, fault })).toEqual([
    `order ${orderId} [keys]`,
  ]);
});

test('finds a key that answers with an order which is not there', async () => {
  const { slot, userId } = placed.paid;
  const orderId = await world.mint(slot);
  const where = { slot, user_id: userId, idem_key: Buffer.from('lost') };
  const fault = { ...where, ...effect, subject_id: orderId, answer: answer(orderId) };
  const found = await world.planted('I6', { map: 'orders', table: 'idempotency', where, fault });
  expect(found).toEqual([`order ${orderId} [no-order]`]);
});

test("finds an order that somebody else's key placed", async () => {
  const { slot, orderId } = placed.waiting;
  const where = { slot, order_id: orderId };
  const found = await world.planted('I6', {
    map: 'orders',
    table: 'orders',
    where,
    fault: 'UPDATE orders SET user_id = 17',
  });
  expect(found).toEqual([`order ${orderId} [stranger]`]);
});

test('finds an acknowledged order that is lost, and one that is there twice', async () => {
  const ids = Object.values(placed).map((order) => order.orderId);
  const lost = await world.mint(9);
  expect(await world.audit('I6', { acknowledgedFile: await acknowledged(ids) })).toMatchObject({ verdict: 'clean' });
  const verdict = await world.audit('I6', { acknowledgedFile: await acknowledged([...ids, lost]) });
  expect(namesOf(verdict)).toEqual([`order ${lost} [acknowledged]`]);

  const { slot, orderId } = placed.paid;
  const [copy] = await world
    .shardAt('orders', slot)
    .read<Record<string, string>>('SELECT * FROM orders WHERE slot = ? AND order_id = ?', [slot, orderId]);
  const stranger = world.strangerTo('orders', slot);
  await world.insert('orders', 'orders', copy!, stranger);
  const twice = await world.audit('I6', { acknowledgedFile: await acknowledged(ids) });
  await stranger.transaction((tx) => tx.run('DELETE FROM orders WHERE order_id = CAST(? AS UNSIGNED)', [orderId]));
  expect(namesOf(twice)).toContain(`order ${orderId} [acknowledged]`);
});
