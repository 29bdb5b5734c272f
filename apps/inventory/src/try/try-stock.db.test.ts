import { OutcomeUnknown } from '@tradewind/errors';
import { productSlot } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ResolveStock } from '../resolve/resolve-stock.ts';
import { freshId, phasesOf, stockOf, stockProduct, twoShards, type TwoShards } from '../two-shards.testing.ts';
import { TryStock } from './try-stock.ts';

const askAt = '2030-01-01T00:00:00.000Z';
let two: TwoShards;
let tries: TryStock;
let resolutions: ResolveStock;

beforeAll(async () => {
  two = await twoShards();
  const parts = { shards: two.shards, clock: systemClock, log: silentLog };
  tries = new TryStock(parts);
  resolutions = new ResolveStock(parts);
});
afterAll(() => two?.close());

/** One product on each shard. */
async function pair(left: number, right: number): Promise<[string, string]> {
  return [await stockProduct(two.shards, freshId(0), left), await stockProduct(two.shards, freshId(1), right)];
}

function lines(...given: [string, number][]) {
  return given.map(([productId, quantity]) => ({ productId, quantity }));
}

test('an order over both shards is frozen whole, and its answer keeps the order of its lines', async () => {
  const [left, right] = await pair(5, 5);
  const orderId = freshId();
  const first = await tries.run({ orderId, askAt, lines: lines([right, 1], [left, 2]) });
  expect(first.map((each) => each.productId)).toEqual([right, left]);
  expect(await tries.run({ orderId, askAt, lines: lines([right, 1], [left, 2]) })).toEqual(first);
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 5, available: 3, frozen: 2 });
  expect(await stockOf(two.shards, right)).toEqual({ onHand: 5, available: 4, frozen: 1 });
});

test('when one shard refuses, what the other froze is thawed before the answer', async () => {
  const [left, right] = await pair(5, 0);
  const orderId = freshId();
  await expect(tries.run({ orderId, askAt, lines: lines([left, 2], [right, 1]) })).rejects.toMatchObject({
    code: 'stock-short',
    details: { products: [right] },
  });
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 5, available: 5, frozen: 0 });
  expect(await phasesOf(two.shards, orderId)).toEqual({ [left]: 'cancelled' });
});

test('all short products are named, on both shards, and unknown ones before them', async () => {
  const [left, right] = await pair(1, 1);
  const [other] = await pair(9, 9);
  const short = { orderId: freshId(), askAt, lines: lines([left, 2], [other, 1], [right, 2]) };
  const refusal = await tries
    .run(short)
    .catch((error: unknown) => error as { code: string; details: { products: string[] } });
  expect(refusal).toMatchObject({ code: 'stock-short' });
  expect((refusal as { details: { products: string[] } }).details.products.sort()).toEqual([left, right].sort());
  const missing = freshId(1);
  await expect(tries.run({ orderId: freshId(), askAt, lines: lines([left, 2], [missing, 1]) })).rejects.toMatchObject({
    code: 'product-unknown',
    details: { products: [missing] },
  });
  expect(await stockOf(two.shards, other)).toEqual({ onHand: 9, available: 9, frozen: 0 });
});

test('a repeat with another quantity is refused and changes nothing', async () => {
  const [left, right] = await pair(5, 5);
  const orderId = freshId();
  await tries.run({ orderId, askAt, lines: lines([left, 2]) });
  await expect(tries.run({ orderId, askAt, lines: lines([left, 3]) })).rejects.toMatchObject({
    code: 'branch-conflict',
  });
  // What an earlier call froze is not ours to thaw: an order may lean on it. So nobody can say that nothing happened.
  await expect(tries.run({ orderId, askAt, lines: lines([left, 2], [right, 9]) })).rejects.toThrow(OutcomeUnknown);
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 5, available: 3, frozen: 2 });
  expect(await stockOf(two.shards, right)).toEqual({ onHand: 5, available: 5, frozen: 0 });
});

test('a repeat that finds a part missing freezes just that part', async () => {
  const [left, right] = await pair(5, 5);
  const near = await stockProduct(two.shards, freshId(0), 5);
  const orderId = freshId();
  await tries.run({ orderId, askAt, lines: lines([left, 2]) });
  await tries.run({ orderId, askAt, lines: lines([left, 2], [near, 1], [right, 1]) });
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 5, available: 3, frozen: 2 });
  expect(await stockOf(two.shards, near)).toEqual({ onHand: 5, available: 4, frozen: 1 });
});

test('when the thawing fails too the outcome is unknown', async () => {
  const [left, right] = await pair(5, 0);
  const { shard } = two.shards.at(productSlot(left));
  const works = shard.transaction.bind(shard);
  let transactions = 0;
  shard.transaction = (work) => (++transactions === 1 ? works(work) : Promise.reject(new Error('the server is gone')));
  try {
    await expect(tries.run({ orderId: freshId(), askAt, lines: lines([left, 2], [right, 1]) })).rejects.toThrow(
      OutcomeUnknown,
    );
  } finally {
    shard.transaction = works;
  }
});

test('orders that name the same products in opposite orders: no deadlock reaches anyone', async () => {
  const [left, right] = await pair(1000, 1000);
  const near = await stockProduct(two.shards, freshId(0), 1000);
  const items = Array.from({ length: 60 }, (_, n) => {
    const demand = lines([left, 1], [near, 1], [right, 1], [left, 1]);
    return { orderId: freshId(), askAt, lines: n % 2 ? demand : demand.reverse() };
  });
  await Promise.all(items.map((item) => tries.run(item)));
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 1000, available: 880, frozen: 120 });
  const confirms = items.map(({ orderId, lines: demand }) => ({ orderId, action: 'confirm' as const, lines: demand }));
  await Promise.all([...confirms, ...confirms].map((item) => resolutions.run(item)));
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 880, available: 880, frozen: 0 });
  expect(await stockOf(two.shards, near)).toEqual({ onHand: 940, available: 940, frozen: 0 });
});

test('in one batch each order has its own answer, and what is said of one order is done in the order it was said', async () => {
  const [left, right] = await pair(5, 5);
  const demand = lines([left, 2], [right, 2]);
  const [first, second, third] = [freshId(), freshId(), freshId()];
  const tried = await tries.runAll([
    { orderId: first, askAt, lines: demand },
    { orderId: second, askAt, lines: lines([freshId(), 1]) },
    { orderId: third, askAt, lines: demand },
  ]);
  expect(tried.results.map((each) => each.ok)).toEqual([true, false, true]);
  const said = (['confirm', 'return', 'confirm'] as const).flatMap((action) =>
    [first, third].map((orderId) => ({ orderId, action, lines: demand })),
  );
  const { results } = await resolutions.runAll(said);
  expect(results.every((each) => each.ok)).toBe(true);
  expect(await phasesOf(two.shards, first)).toEqual({ [left]: 'returned', [right]: 'returned' });
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 5, available: 5, frozen: 0 });
});
