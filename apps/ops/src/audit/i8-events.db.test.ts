import type { OutboxEvent } from '@tradewind/outbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.testing.ts';
import { namesOf, World } from './world.testing.ts';

let world: World;
let placed: Awaited<ReturnType<Shop['fill']>>;
beforeAll(async () => {
  world = await World.open();
  placed = await new Shop(world).fill();
});
afterAll(() => world?.close());

/** What offends when `events` are all that ever reached Kafka. */
async function withTopic(events: readonly OutboxEvent[]): Promise<string[]> {
  const before = world.topic;
  await world.newTopic();
  await world.send(events);
  const found = namesOf(await world.audit('I8'));
  world.topic = before;
  return found;
}

test('passes every version of every order, and repeats of them', async () => {
  const repeats = [...world.events, ...world.events.slice(0, 5)];
  expect(await withTopic(repeats)).toEqual([]);
  expect(await world.audit('I8')).toMatchObject({ verdict: 'clean' });
});

test('finds a version that never came', async () => {
  const lost = placed.returned.events[1];
  const found = await withTopic(world.events.filter((event) => event !== lost));
  expect(found).toEqual([`order ${placed.returned.orderId} [missing]`]);
});

test('finds versions that came in the wrong order, even if each came', async () => {
  const [first, second, third] = placed.returned.events as [OutboxEvent, OutboxEvent, OutboxEvent];
  const others = world.events.filter((event) => event.aggregateId !== placed.returned.orderId);
  const found = await withTopic([...others, first, third, second, third]);
  expect(found).toEqual([`order ${placed.returned.orderId} [order]`]);
});

test('finds events of an order that is not there, and of a version that is not there yet', async () => {
  const [event] = placed.paid.events as [OutboxEvent];
  const ghost = await world.mint(event.slot);
  const found = await withTopic([...world.events, { ...event, aggregateId: ghost }, { ...event, version: 3 }]);
  expect(found).toEqual([`order ${placed.paid.orderId} [unknown]`, `order ${ghost} [no-order]`]);
});

test('finds events that wait in an outbox or were parked there, of orders and of products', async () => {
  const { slot, orderId } = placed.paid;
  const row = { type: 'x', payload: '{}', traceparent: null, created_at: new Date() };
  const waiting = { slot, aggregate_id: orderId, version: 9 };
  const found = await world.planted('I8', {
    map: 'orders',
    table: 'outbox',
    where: waiting,
    fault: { ...waiting, ...row },
  });
  expect(found).toEqual([`event ${orderId}:9 [outbox]`]);
  const [product] = placed.paid.products;
  const parked = { slot: product!.slot, aggregate_id: product!.productId, version: 1 };
  const fault = { ...parked, ...row, parked_at: new Date(), parked_reason: 'MESSAGE_TOO_LARGE' };
  expect(await world.planted('I8', { map: 'products', table: 'outbox', where: parked, fault })).toEqual([
    `event ${product!.productId}:1 [outbox]`,
  ]);
});
