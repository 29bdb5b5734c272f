import { orderSlot } from '@tradewind/sharding';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.testing.ts';
import { World } from './world.testing.ts';

let world: World;
let placed: Awaited<ReturnType<Shop['fill']>>;
let wallet: { slot: number; kind: string; owner_id: string };
let key: string;
beforeAll(async () => {
  world = await World.open();
  placed = await new Shop(world).fill();
  const { userId } = placed.paid;
  wallet = { slot: orderSlot(userId), kind: 'wallet', owner_id: userId };
  key = `account wallet ${userId} EUR`;
});
afterAll(() => world?.close());

function withAccount(change: string): Promise<string[]> {
  const fault = `UPDATE account SET ${change}`;
  return world.planted('I3', { map: 'payments', table: 'account', where: wallet, fault });
}

test('passes deposits, captures, returns and an open try', async () => {
  // Two deposits, three captures, one return; two users' wallets, and the shop's accounts in one or two slots.
  const { verdict, checked } = await world.audit('I3');
  expect({ verdict, checked }).toMatchObject({ verdict: 'clean' });
  expect(checked).toBeGreaterThanOrEqual(5 + 6);
});

test('finds a transfer that makes money, and the currency that grew by it', async () => {
  const { slot, orderId } = placed.paid;
  const where = { slot, transfer_id: orderId, kind: 'merchant' };
  const fault = 'UPDATE ledger_line SET amount = amount + 1';
  const found = await world.planted('I3', { map: 'payments', table: 'ledger_line', where, fault });
  expect(found).toEqual([
    ...[`transfer ${orderId} capture [sum]`, 'currency EUR [sum]', 'account merchant 0 EUR [balance]'],
  ]);
});

test('finds a transfer whose lines are of two currencies, though their numbers sum to zero', async () => {
  const { slot, orderId } = placed.paid;
  const where = { slot, transfer_id: orderId, kind: 'wallet' };
  const fault = "UPDATE ledger_line SET currency = 'USD'";
  const found = await world.planted('I3', { map: 'payments', table: 'ledger_line', where, fault });
  expect(found).toEqual(
    expect.arrayContaining([`transfer ${orderId} capture [sum]`, 'currency EUR [sum]', 'currency USD [sum]']),
  );
  expect(found).toContain(`account wallet ${placed.paid.userId} USD [no-account]`);
});

test('finds a balance that was edited by itself', async () => {
  expect(await withAccount('balance = balance + 1')).toEqual([`${key} [balance]`]);
});

test('finds frozen money that no open try explains', async () => {
  expect(await withAccount('frozen = frozen + 1')).toEqual([`${key} [frozen]`]);
  expect(await withAccount('frozen = 0')).toEqual([`${key} [frozen]`]);
});

test('finds a wallet that is below its limit', async () => {
  expect(await withAccount('balance = frozen - 1')).toEqual([`${key} [balance]`, `${key} [limit]`]);
});

test('finds a payment that took no money though all books are balanced, and one that gave none back', async () => {
  const { slot, orderId } = placed.paid;
  const where = { slot, order_id: orderId };
  const plant = { map: 'payments', table: 'payment_branch', where } as const;
  const found = await world.planted('I3', { ...plant, fault: 'UPDATE payment_branch SET amount = amount + 1' });
  expect(found).toEqual([`order ${orderId} [captured]`]);
  expect(await world.planted('I3', { ...plant, fault: "UPDATE payment_branch SET phase = 'returned'" })).toEqual([
    `order ${orderId} [returned]`,
  ]);
  expect(await world.planted('I3', { ...plant, fault: 'DELETE FROM payment_branch' })).toEqual([
    `order ${orderId} [captured]`,
  ]);
});

test('finds lines of an account that is not there', async () => {
  const fault = 'DELETE FROM account';
  const found = await world.planted('I3', { map: 'payments', table: 'account', where: wallet, fault });
  expect(found).toEqual([`${key} [no-account]`]);
});
