import { createOutboxStore, insertOutbox } from '@tradewind/mysql';
import { type FreshSchema, freshSchema } from '@tradewind/mysql/testing';
import { eventId, type OutboxEvent } from '@tradewind/outbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KINDS } from '../kinds.ts';
import { parkedEvents, settleParked } from './parked-events.ts';

let schema: FreshSchema;
let urls: ReadonlyMap<string, string>;
beforeAll(async () => {
  schema = await freshSchema(KINDS.find(({ map }) => map === 'orders')!.migrations, { name: 'order-0' });
  urls = new Map([['order-0', schema.url]]);
});
afterAll(() => schema?.close());

const event = (aggregateId: string, version = 1): OutboxEvent => ({
  ...{ slot: 7, aggregateId, version, type: 'test', payload: '{"a":1}', traceparent: null },
  createdAt: new Date('2026-01-31T12:00:00.123Z'),
});

/** More than a page, so that the last one is found behind the first page's end. */
async function park(events: readonly OutboxEvent[]): Promise<void> {
  const store = createOutboxStore(schema.shard);
  await schema.shard.transaction((tx) => insertOutbox(tx, events));
  for (const each of events) await store.park(each, 'too large');
}

async function parkedIds(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { event: each } of parkedEvents(urls)) ids.push(eventId(each));
  return ids;
}

test('all that is parked is listed, replayed by its name or discarded for good, and nothing else is touched', async () => {
  const events = Array.from({ length: 130 }, (_, n) => event(String(9_000_000_000_000_000_000n + BigInt(n))));
  await park(events);
  await schema.shard.transaction((tx) => insertOutbox(tx, [event('5')]));
  expect(await parkedIds()).toEqual(events.map(eventId));

  const [first, last] = [eventId(events[0]!), eventId(events.at(-1)!)];
  expect(await settleParked(urls, 'order-0', last, 'replay')).toMatchObject({ parkedReason: 'too large' });
  expect(await settleParked(urls, 'order-0', first, 'discard')).toMatchObject({ payload: '{"a":1}' });
  expect(await parkedIds()).toEqual(events.slice(1, -1).map(eventId));
  const waiting = await createOutboxStore(schema.shard).read(10);
  expect(waiting.map(eventId)).toEqual(['5:1', last]);
});

test('an event that is not parked and a shard that is none are named', async () => {
  await expect(settleParked(urls, 'order-0', '5:1', 'discard')).rejects.toThrow('order-0 has no parked event 5:1');
  await expect(settleParked(urls, 'order-9', '5:1', 'replay')).rejects.toThrow(
    'no shard with an outbox is named order-9',
  );
});
