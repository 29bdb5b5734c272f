import type { ProductBody } from '@tradewind/contracts';
import { SnowflakeIds, soloLease } from '@tradewind/ids';
import type { OutboxEvent } from '@tradewind/outbox';
import { productSlot } from '@tradewind/sharding';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshId, stockOf, twoShards, type TwoShards } from '../two-shards.testing.ts';
import { ChangeProduct } from './change-product.ts';
import { CreateProduct } from './create-product.ts';
import { FindProducts } from './find-products.ts';

const body: ProductBody = {
  name: 'Mug 🫖',
  description: 'two\nlines',
  category: 'kitchen',
  price: { amount: 1999, currency: 'EUR' },
};
const staffId = '9223372036854775807';
let two: TwoShards;
let create: CreateProduct;
let change: ChangeProduct;
let find: FindProducts;
const handed: { shard: string; event: OutboxEvent }[] = [];

beforeAll(async () => {
  two = await twoShards();
  const ids = new SnowflakeIds({ lease: soloLease(1), clock: systemClock });
  const handOver = (shard: string, event: OutboxEvent) => void handed.push({ shard, event });
  const parts = { shards: two.shards, ids, clock: systemClock, handOver };
  create = new CreateProduct(parts);
  change = new ChangeProduct(parts);
  find = new FindProducts(two.shards);
});
afterAll(() => two?.close());

function keyed(key: string, digit = 'a') {
  return { key, fingerprint: digit.repeat(64) };
}

async function outboxOf(productId: string): Promise<{ version: number; payload: string }[]> {
  const slot = productSlot(productId);
  return two.shards
    .at(slot)
    .shard.read(
      'SELECT version, payload FROM outbox WHERE slot = ? AND aggregate_id = CAST(? AS UNSIGNED) ORDER BY version',
      [...[slot, productId]],
    );
}

test('a new product has an empty stock row and one event, in its own shard', async () => {
  const product = await create.run({ staffId, body });
  expect(product).toEqual({ ...body, productId: product.productId, available: 0, version: 1 });
  expect(await stockOf(two.shards, product.productId)).toEqual({ onHand: 0, available: 0, frozen: 0 });
  const [row, ...rest] = await outboxOf(product.productId);
  expect(rest).toEqual([]);
  const { available: _, ...state } = product;
  expect(JSON.parse(row!.payload)).toMatchObject(state);
  expect(handed.at(-1)).toMatchObject({ event: { aggregateId: product.productId, version: 1, payload: row!.payload } });
});

test('twenty requests with one key at once make one product, and each gets the same answer', async () => {
  const request = { staffId, body, idempotency: keyed('twenty') };
  const answers = await Promise.all(Array.from({ length: 20 }, () => create.run(request)));
  expect(new Set(answers.map((each) => each.productId)).size).toBe(1);
  const { productId } = answers[0]!;
  await change.run({ productId, body: { ...body, name: 'Cup' } });
  expect(await create.run(request)).toEqual(answers[0]);
  expect(await outboxOf(productId)).toHaveLength(2);
});

test('a crash between the claim of a key and the product is finished by the retry', async () => {
  const request = { staffId, body, idempotency: keyed('crash') };
  const begun = await create.run(request);
  const slot = productSlot(begun.productId);
  const { shard } = two.shards.at(slot);
  for (const table of ['product', 'stock', 'outbox']) {
    const id = table === 'outbox' ? 'aggregate_id' : 'product_id';
    await shard.transaction((tx) =>
      tx.run(`DELETE FROM ${table} WHERE slot = ? AND ${id} = ?`, [slot, begun.productId]),
    );
  }
  expect(await create.run(request)).toEqual(begun);
  expect(await find.byIds([begun.productId])).toEqual([begun]);
});

test('a key of another request is refused', async () => {
  await create.run({ staffId, body, idempotency: keyed('other') });
  await expect(create.run({ staffId, body, idempotency: keyed('other', 'b') })).rejects.toMatchObject({
    code: 'idempotency-key-reused',
  });
});

test('of ten changes of one version one wins; ten without a version all do, and their events are 2 to 12', async () => {
  const { productId } = await create.run({ staffId, body });
  const attempts = Array.from({ length: 10 }, (_, n) =>
    change.run({ productId, body: { ...body, name: `n${n}` }, ifMatch: 1 }),
  );
  const settled = await Promise.allSettled(attempts);
  expect(settled.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
  for (const each of settled)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'version-stale' });
  await Promise.all(Array.from({ length: 10 }, () => change.run({ productId, body })));
  const rows = await outboxOf(productId);
  expect(rows.map((row) => row.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(rows.every((row) => (JSON.parse(row.payload) as { version: number }).version === row.version)).toBe(true);
});

test('changing what never was is not found, whatever version is asked for', async () => {
  await expect(change.run({ productId: freshId(), body })).rejects.toMatchObject({ code: 'not-found' });
  await expect(change.run({ productId: freshId(), body, ifMatch: 3 })).rejects.toMatchObject({ code: 'not-found' });
});

test('products are answered in the order asked for, over both shards, unknown ones left out', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => create.run({ staffId, body })));
  const asked = [...made].reverse();
  const ids = asked.flatMap((each) => [freshId(), each.productId]);
  expect(await find.byIds(ids)).toEqual(asked);
  expect(await find.byIds([])).toEqual([]);
  expect(new Set(made.map((each) => productSlot(each.productId) % 2)).size).toBe(2);
});
