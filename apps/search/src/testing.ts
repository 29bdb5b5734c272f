import { randomUUID } from 'node:crypto';
import type { OrderEventData, ProductEventData } from '@tradewind/contracts';
import { connectElastic, type Elastic } from '@tradewind/elastic';
import type { ConsumedEvent } from '@tradewind/kafka';
import { noMetrics, silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { ORDER_FIELDS } from './orders/order-index.ts';
import { SearchIndex } from './search-index.ts';
import { PIT_KEEP_SECONDS } from './search-pages.ts';

/** What the tests of this service share; nothing of it runs in production. */

/** @returns the variable, or fails the test file with one sentence. */
export function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} must name a real server to test against.`);
  return value;
}

export function testElastic(url: string = needed('ELASTICSEARCH_URL')): Elastic {
  return connectElastic({ url, log: silentLog, limits: { pitKeepSeconds: PIT_KEEP_SECONDS, retriesMost: 0 } });
}

/** An alias that no other test file and no running system has. */
export function testAlias(kind: string): string {
  return `tw-test-${kind}-${randomUUID()}`;
}

/** The order index behind another alias. */
export function testOrderIndex(elastic: Elastic, alias: string, shards = 1): SearchIndex {
  const options = { name: 'orders', alias, fields: ORDER_FIELDS, spread: { shards, replicas: 0 } };
  return new SearchIndex(options, { elastic, metrics: noMetrics, clock: systemClock });
}

/** Waits for a condition. @throws when it isn't true within `mostMs` */
export async function until(what: string, condition: () => Promise<boolean> | boolean, mostMs = 20_000): Promise<void> {
  const end = performance.now() + mostMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${mostMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const FIRST_ORDER = 9_000_000_000_000_000_000n;

/** @returns a 63-bit id that differs from its neighbours in the last digits only, where JSON numbers are blind. */
export function testOrderId(index: number): string {
  return String(FIRST_ORDER + BigInt(index));
}

export function testOrder(index: number, changes: Partial<OrderEventData> = {}): OrderEventData {
  const price = { amount: 1000, currency: 'EUR' } as const;
  return {
    orderId: testOrderId(index),
    userId: '7',
    status: 'PENDING_PAYMENT',
    version: 1,
    lines: [{ productId: '11', name: 'Blue mug', quantity: 1, unitPrice: price }],
    total: price,
    shippingAddress: { name: 'Ann', line1: 'Quay 1', city: 'Hamburg', postalCode: '20457', country: 'DE' },
    createdAt: '2026-01-31T12:00:00.000Z',
    updatedAt: '2026-01-31T12:00:00.000Z',
    ...changes,
  };
}

export function testProduct(index: number, changes: Partial<ProductEventData> = {}): ProductEventData {
  return {
    productId: String(1000 + index),
    name: 'Blue mug',
    description: 'Holds tea',
    category: 'Kitchen',
    price: { amount: 1299, currency: 'EUR' },
    version: 1,
    createdAt: '2026-01-31T12:00:00.000Z',
    updatedAt: '2026-01-31T12:00:00.000Z',
    ...changes,
  };
}

/** An event of the order as Kafka would hand it over. */
export function testEvent(order: OrderEventData, changes: Partial<ConsumedEvent> = {}): ConsumedEvent {
  return {
    key: order.orderId,
    type: 'tradewind.order.placed.v1',
    id: `${order.orderId}:${order.version}`,
    aggregateId: order.orderId,
    version: order.version,
    time: new Date(order.updatedAt),
    traceparent: undefined,
    payload: JSON.stringify(order),
    data: order,
    partition: 0,
    offset: '0',
    ...changes,
  };
}
