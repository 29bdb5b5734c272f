import { noMetrics } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { Indexer } from './indexer.ts';
import { orderDocument } from './orders/order-index.ts';
import { orderTopic } from './orders/order-indexer.ts';
import { testAlias, testElastic, testEvent, testOrder, testOrderIndex } from './testing.ts';

const elastic = testElastic();
const aliases: string[] = [];

function newIndexer() {
  const alias = testAlias('indexer');
  aliases.push(alias);
  const index = testOrderIndex(elastic, alias);
  const read = async (): Promise<unknown[]> => {
    await elastic.refresh(alias);
    const found: unknown[] = [];
    for await (const hit of elastic.scanAll(alias, 'orderKey')) found.push([hit.version, hit.source]);
    return found;
  };
  return { alias, read, indexer: new Indexer(orderTopic(index), noMetrics, systemClock) };
}

afterAll(async () => {
  for (const alias of aliases) await elastic.client.indices.delete({ index: `${alias}-*` });
  await elastic.close();
});

it('lets no older event that comes later, in a batch of its own, overwrite a newer one', async () => {
  const { indexer, read } = newIndexer();
  const paid = testOrder(0, { version: 2, status: 'PAID' });
  for (const order of [paid, testOrder(0), paid]) expect(await indexer.takeIn([testEvent(order)])).toEqual([]);
  expect(await read()).toEqual([[2, orderDocument(paid)]]);
});

it('makes the same index of the same events however they are shuffled, cut into batches and repeated', async () => {
  const orders = Array.from({ length: 60 }, (_, index) =>
    testOrder(index % 20, { version: 1 + Math.floor(index / 20), total: { amount: index, currency: 'EUR' } }),
  );
  const expected = orders.slice(-20).map((order) => [3, orderDocument(order)]);
  const twice = fc.shuffledSubarray([...orders, ...orders], { minLength: 120 });
  await fc.assert(
    fc.asyncProperty(twice, fc.integer({ min: 1, max: 50 }), async (events, size) => {
      const { indexer, read } = newIndexer();
      for (let at = 0; at < events.length; at += size)
        await indexer.takeIn(events.slice(at, at + size).map((order) => testEvent(order)));
      expect(await read()).toEqual(expected);
    }),
    { numRuns: 4 },
  );
});

it('makes the index again when somebody removed it, instead of writing into one with guessed mappings', async () => {
  const { alias, indexer, read } = newIndexer();
  await indexer.takeIn([testEvent(testOrder(0))]);
  await elastic.client.indices.delete({ index: `${alias}-000001` });
  await expect(indexer.takeIn([testEvent(testOrder(1))])).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  expect(await indexer.takeIn([testEvent(testOrder(1))])).toEqual([]);
  expect(await read()).toEqual([[1, orderDocument(testOrder(1))]]);
  expect(await elastic.client.indices.existsAlias({ name: alias })).toBe(true);
});
