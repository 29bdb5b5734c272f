import type { BulkDoc, BulkFailure } from '@tradewind/elastic';
import type { Metrics } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { describe, expect, it } from 'vitest';
import { Indexer } from './indexer.ts';
import { orderTopic } from './orders/order-indexer.ts';
import type { SearchIndex } from './search-index.ts';
import { testEvent, testOrder, testOrderId } from './testing.ts';

const NOW = Date.parse('2026-01-31T12:00:10.000Z');

function indexerOver(answer: (docs: readonly BulkDoc[]) => BulkFailure[] = () => []) {
  const written: BulkDoc[][] = [];
  const shown: Record<string, number> = {};
  const index = {
    name: 'orders',
    write: async (docs: readonly BulkDoc[]) => {
      written.push([...docs]);
      return answer(docs);
    },
  };
  const metrics: Metrics = {
    count: (name, _labels, by = 1) => (shown[name] = (shown[name] ?? 0) + by),
    gauge: (name, value) => (shown[name] = value),
    observe: () => {},
  };
  const topic = orderTopic(index as unknown as SearchIndex);
  return { indexer: new Indexer(topic, metrics, { ...systemClock, now: () => NOW }), written, shown };
}

function failing(changes: Partial<BulkFailure>) {
  const failure = { status: 400, type: 'document_parsing_exception', reason: 'no', retriable: false, ...changes };
  return (docs: readonly BulkDoc[]) => docs.map(({ id, version }) => ({ id, version, ...failure }));
}

describe('a batch', () => {
  it('writes the newest version of each aggregate only, wherever in the batch it stands', async () => {
    const { indexer, written } = indexerOver();
    const versions = [testOrder(1, { version: 2 }), testOrder(0), testOrder(1, { version: 3 }), testOrder(1)];
    expect(await indexer.takeIn(versions.map((order) => testEvent(order)))).toEqual([]);
    expect(written.map((docs) => docs.map(({ id, version }) => [id, version]))).toEqual([
      [
        [testOrderId(1), 3],
        [testOrderId(0), 1],
      ],
    ]);
  });

  it('is older by the age of its oldest event, so that the lag grows while nothing can be written', async () => {
    const away = indexerOver(() => {
      throw new Error('away');
    });
    const events = ['2026-01-31T12:00:08.000Z', '2026-01-31T12:00:06.500Z'].map((updatedAt, index) =>
      testEvent(testOrder(index, { updatedAt })),
    );
    await expect(away.indexer.takeIn(events)).rejects.toThrow('away');
    expect(away.shown['tradewind_search_lag_seconds']).toBe(3.5);
  });
});

describe('an event that can never be indexed is refused alone, with its reason', () => {
  it.each([
    ['a missing field', { ...testOrder(9), userId: undefined }, /breaks its contract: userId: /],
    ['an id as a JSON number, which has been rounded', { ...testOrder(9), orderId: 9e18 }, /orderId: /],
    ['no object', null, /payload: /],
    ['another order than its envelope says', testOrder(8), /ce_id is 9000000000000000009:1 but the payload is of/],
    ['another version than its envelope says', testOrder(9, { version: 2 }), /the payload is of 9000000000000000009:2/],
  ])('%s', async (_name, data, reason) => {
    const { indexer, written, shown } = indexerOver();
    const bad = testEvent(testOrder(9), { data });
    const refused = await indexer.takeIn([testEvent(testOrder(0)), bad, testEvent(testOrder(1))]);
    expect(refused).toEqual([{ event: bad, reason: expect.stringMatching(reason) }]);
    expect(shown['tradewind_search_dead_lettered_total']).toBe(1);
    expect(written[0]?.map(({ id }) => id)).toEqual([testOrderId(0), testOrderId(1)]);
  });

  it('does not hide the older, readable event of the same aggregate', async () => {
    const { indexer, written } = indexerOver();
    const newer = testEvent(testOrder(0, { version: 2 }), { data: {} });
    await indexer.takeIn([testEvent(testOrder(0)), newer]);
    expect(written[0]).toMatchObject([{ id: testOrderId(0), version: 1 }]);
  });

  it('when the index itself says never', async () => {
    const event = testEvent(testOrder(0));
    const refused = await indexerOver(failing({})).indexer.takeIn([event]);
    expect(refused).toEqual([{ event, reason: 'the index answered 400 document_parsing_exception: no' }]);
  });
});

it.each([
  ['full', { status: 429, retriable: true }],
  ['without its index, which somebody removed', { status: 404, retriable: false }],
])('keeps the batch when the server is %s: nothing is lost as a dead letter', async (_name, failure) => {
  const { indexer } = indexerOver(failing(failure));
  await expect(indexer.takeIn([testEvent(testOrder(0))])).rejects.toMatchObject({ name: 'OutcomeUnknown' });
});

it('leaves out a field that a newer producer added, instead of poisoning every event of a rolling upgrade', async () => {
  const { indexer, written } = indexerOver();
  expect(await indexer.takeIn([testEvent(testOrder(0), { data: { ...testOrder(0), giftWrap: true } })])).toEqual([]);
  expect(written[0]?.[0]?.body).not.toHaveProperty('giftWrap');
});
