import { ON_HAND_MOST } from '@tradewind/contracts';
import { SnowflakeIds, soloLease } from '@tradewind/ids';
import { productSlot } from '@tradewind/sharding';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshId, stockOf, stockProduct, twoShards, type TwoShards } from '../two-shards.testing.ts';
import { ReceiveStock } from './receive-stock.ts';

const staffId = '77';
let two: TwoShards;
let receive: ReceiveStock;

beforeAll(async () => {
  two = await twoShards();
  const ids = new SnowflakeIds({ lease: soloLease(1), clock: systemClock });
  receive = new ReceiveStock({ shards: two.shards, ids, clock: systemClock });
});
afterAll(() => two?.close());

async function receiptsOf(productId: string): Promise<number> {
  const slot = productSlot(productId);
  const [row] = await two.shards
    .at(slot)
    .shard.read<{ sum: string }>(
      'SELECT COALESCE(SUM(quantity), 0) AS sum FROM stock_receipt WHERE slot = ? AND product_id = ?',
      [...[slot, productId]],
    );
  return Number(row!.sum);
}

test('twenty receipts with one key at once take the units in once, and each gets the same answer', async () => {
  const productId = await stockProduct(two.shards, freshId(), 5);
  const request = { staffId, productId, body: { quantity: 7 }, idempotency: { key: 'k', fingerprint: 'a'.repeat(64) } };
  const answers = await Promise.all(Array.from({ length: 20 }, () => receive.run(request)));
  expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(answers[0]).toMatchObject({ productId, quantity: 7, onHand: 12, available: 12 });
  expect(await receiptsOf(productId)).toBe(7);
  await expect(
    receive.run({ ...request, idempotency: { key: 'k', fingerprint: 'b'.repeat(64) } }),
  ).rejects.toMatchObject({ code: 'idempotency-key-reused' });
});

test('receipts without a key each take effect', async () => {
  const productId = await stockProduct(two.shards, freshId(1), 0);
  await Promise.all(Array.from({ length: 30 }, () => receive.run({ staffId, productId, body: { quantity: 2 } })));
  expect(await stockOf(two.shards, productId)).toEqual({ onHand: 60, available: 60, frozen: 0 });
  expect(await receiptsOf(productId)).toBe(60);
});

test('an unknown product is not found, and its key is free for when it exists', async () => {
  const productId = freshId();
  const request = { staffId, productId, body: { quantity: 1 }, idempotency: { key: 'n', fingerprint: 'a'.repeat(64) } };
  await expect(receive.run(request)).rejects.toMatchObject({ code: 'not-found' });
  await stockProduct(two.shards, productId, 0);
  expect(await receive.run(request)).toMatchObject({ onHand: 1 });
});

test('the shop never holds more than its bound', async () => {
  const productId = await stockProduct(two.shards, freshId(), ON_HAND_MOST - 1);
  await expect(receive.run({ staffId, productId, body: { quantity: 2 } })).rejects.toMatchObject({
    code: 'validation',
    details: { errors: [{ field: 'quantity' }] },
  });
  expect(await receive.run({ staffId, productId, body: { quantity: 1 } })).toMatchObject({ onHand: ON_HAND_MOST });
  expect(await receiptsOf(productId)).toBe(1);
});
