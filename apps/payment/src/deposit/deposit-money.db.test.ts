import { SnowflakeIds, slotOfId, soloLease } from '@tradewind/ids';
import { orderSlot } from '@tradewind/sharding';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BALANCE_MOST } from '../ledger.ts';
import { bookErrors, fillWallet, freshId, twoShards, type TwoShards } from '../two-shards.testing.ts';
import { ViewWallet } from '../wallet/view-wallet.ts';
import { DepositMoney } from './deposit-money.ts';

const amount = { amount: 500, currency: 'EUR' } as const;
let two: TwoShards;
let deposits: DepositMoney;
let wallets: ViewWallet;

beforeAll(async () => {
  two = await twoShards();
  const ids = new SnowflakeIds({ lease: soloLease(1), clock: systemClock });
  deposits = new DepositMoney({ shards: two.shards, ids, clock: systemClock });
  wallets = new ViewWallet(two.shards);
});
afterAll(() => two?.close());

function keyed(digit = 'a') {
  return { key: 'k', fingerprint: digit.repeat(64) };
}

test('twenty deposits with one key at once, the first of this wallet, add up once, and each gets the same answer', async () => {
  const userId = freshId();
  const request = { userId, amount, idempotency: keyed() };
  const answers = await Promise.all(Array.from({ length: 20 }, () => deposits.run(request)));
  expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(answers[0]).toMatchObject({ amount, wallet: { balance: amount, frozen: { amount: 0, currency: 'EUR' } } });
  expect(slotOfId(answers[0]!.depositId)).toBe(orderSlot(userId));
  expect(await wallets.run({ userId, currency: 'EUR' })).toEqual(answers[0]!.wallet);
  await expect(deposits.run({ ...request, idempotency: keyed('b') })).rejects.toMatchObject({
    code: 'idempotency-key-reused',
  });
  await deposits.run({ userId, amount });
  expect(await deposits.run(request)).toEqual(answers[0]);
  expect(await bookErrors(two.shards)).toEqual([]);
});

test('first deposits of a wallet at once all count, each currency by itself', async () => {
  const userId = '9223372036854775807';
  await Promise.all(Array.from({ length: 20 }, () => deposits.run({ userId, amount })));
  await deposits.run({ userId, amount: { amount: 7, currency: 'JPY' } });
  expect(await wallets.run({ userId, currency: 'EUR' })).toMatchObject({ balance: { amount: 10_000 } });
  expect(await wallets.run({ userId, currency: 'JPY' })).toMatchObject({ balance: { amount: 7, currency: 'JPY' } });
  expect(await wallets.run({ userId, currency: 'USD' })).toMatchObject({ balance: { amount: 0 } });
  expect(await wallets.run({ userId: '9223372036854775806', currency: 'EUR' })).toMatchObject({
    balance: { amount: 0 },
  });
  expect(await bookErrors(two.shards)).toEqual([]);
});

test('a wallet is filled to its bound and not beyond, and what was refused left no line', async () => {
  const userId = await fillWallet(two.shards, freshId(), BALANCE_MOST - 500);
  await expect(deposits.run({ userId, amount: { amount: 501, currency: 'EUR' } })).rejects.toMatchObject({
    code: 'balance-limit',
  });
  expect(await deposits.run({ userId, amount })).toMatchObject({ wallet: { balance: { amount: BALANCE_MOST } } });
  await expect(deposits.run({ userId, amount: { amount: 1, currency: 'EUR' } })).rejects.toMatchObject({
    code: 'balance-limit',
  });
});
