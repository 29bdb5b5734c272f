import {
  cancelOrder,
  createProduct,
  deposit,
  getOrder,
  getOrderStatus,
  listOrders,
  type Order,
  ordersByIds,
  payOrder,
  placeOrder,
  type Product,
  productsByIds,
  searchOrders,
  searchProducts,
  shipOrder,
} from '@tradewind/contracts';
import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import { type Clock, systemClock } from '@tradewind/time';
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStorefront, type Storefront } from './storefront.testing.ts';

let now = Date.now();
const clock: Clock = { ...systemClock, now: () => now };
let shop: Storefront;
let shopper: string;
let staff: string;

beforeEach(async () => {
  shop = await openStorefront({ clock });
  shopper = (await shop.tokens.issue({ userId: '77', role: 'shopper' })).accessToken;
  staff = (await shop.tokens.issue({ userId: '9', role: 'staff' })).accessToken;
});
afterEach(() => shop.app.close());

const ADDRESS = { name: 'Ada', line1: '1 St James', city: 'London', postalCode: 'SW1', country: 'GB' };
const PLACE = { items: [{ productId: '5', quantity: 2 }], shippingAddress: ADDRESS };
const EUR = (amount: number) => ({ amount, currency: 'EUR' as const });

function orderOf(orderId: string, version = 1): Order {
  const at = '2026-01-31T12:00:00.000Z';
  const lines = [{ productId: '5', name: 'Lamp', quantity: 2, unitPrice: EUR(500) }];
  const money = { total: EUR(1000), shippingAddress: ADDRESS, createdAt: at, updatedAt: at };
  return { orderId, userId: '77', status: 'PENDING_PAYMENT', version, lines, ...money };
}

function productOf(productId: string): Product {
  return { productId, name: 'Lamp', description: '', category: 'lamps', price: EUR(500), available: 3, version: 4 };
}

async function call(
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { token = shopper, body, headers = {} } = options;
  const inject: InjectOptions = {
    method,
    url,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  };
  const answer = await shop.app.inject(inject);
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
}

const KEY = { 'idempotency-key': 'k1' };

test('placing passes on who, what and the key, and answers 201 with where and which version', async () => {
  shop.answer(placeOrder, () => orderOf('42'));
  const answer = await call('POST', '/v1/orders', { body: PLACE, headers: { 'idempotency-key': '"k1"' } });
  expect(answer).toMatchObject({
    status: 201,
    body: orderOf('42'),
    headers: { location: '/v1/orders/42', etag: '"1"' },
  });
  expect(shop.asked[0]?.request).toEqual({
    userId: '77',
    body: PLACE,
    idempotency: { key: 'k1', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
});

test('the fingerprint is of what was asked for: spelling makes no difference, the order that is paid does', async () => {
  shop.answer(placeOrder, () => orderOf('42'));
  shop.answer(payOrder, ({ orderId }) => ({ orderId, state: 'captured' as const, amount: EUR(1000) }));
  const { items, shippingAddress } = PLACE;
  for (const body of [
    PLACE,
    { shippingAddress: { ...ADDRESS, name: ' Ada ' }, items },
    { shippingAddress, items: [{ quantity: 3, productId: '5' }] },
  ])
    await call('POST', '/v1/orders', { body, headers: KEY });
  for (const id of ['42', '43'])
    await call('POST', `/v1/orders/${id}/payments`, { body: { method: 'wallet' }, headers: KEY });
  const prints = shop.asked.map(
    ({ request }) => (request as { idempotency: { fingerprint: string } }).idempotency.fingerprint,
  );
  expect(prints[0]).toBe(prints[1]);
  expect(new Set(prints).size).toBe(4);
});

test('a refusal comes through with its details and names, one between our services does not', async () => {
  shop.fail(placeOrder, new Refusal('stock-short', { products: ['5'] }));
  expect(await call('POST', '/v1/orders', { body: PLACE, headers: KEY })).toMatchObject({
    status: 409,
    headers: { 'content-type': expect.stringContaining('application/problem+json') },
    body: {
      code: 'stock-short',
      type: 'https://tradewind.example/problems/stock-short',
      instance: '/v1/orders',
      products: ['5'],
    },
  });
  shop.fail(placeOrder, new Refusal('unauthenticated'));
  expect((await call('POST', '/v1/orders', { body: PLACE, headers: KEY })).status).toBe(500);
});

test('paying answers 201 when the money was captured and 202 while nobody knows', async () => {
  shop.answer(payOrder, ({ orderId }) => ({
    orderId,
    state: 'captured' as const,
    amount: EUR(1000),
    order: orderOf(orderId, 2),
  }));
  const pay = () =>
    call('POST', '/v1/orders/42/payments', { body: { method: 'wallet' }, headers: { ...KEY, 'if-match': '"1"' } });
  expect(await pay()).toMatchObject({
    status: 201,
    body: { state: 'captured' },
    headers: { location: '/v1/orders/42', etag: '"2"' },
  });
  expect(shop.asked[0]?.request).toMatchObject({ userId: '77', orderId: '42', ifMatch: 1 });
  shop.answer(payOrder, ({ orderId }) => ({ orderId, state: 'unknown' as const, amount: EUR(1000) }));
  expect(await pay()).toMatchObject({ status: 202, body: { state: 'unknown' }, headers: { 'retry-after': '1' } });
});

test('an answer that did not come: a read is unavailable, a change is to be repeated with the same key', async () => {
  const lost = new OutcomeUnknown('order /internal/…');
  for (const each of [getOrder, getOrderStatus, listOrders, searchOrders, productsByIds]) shop.fail(each, lost);
  for (const each of [placeOrder, payOrder, cancelOrder, shipOrder, deposit, createProduct]) shop.fail(each, lost);
  for (const url of ['/v1/orders/42', '/v1/orders/42/status', '/v1/orders', '/v1/products/5'])
    expect(await call('GET', url)).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
      headers: { 'retry-after': '1' },
    });
  const changes: [string, string, unknown][] = [
    ['/v1/orders', shopper, PLACE],
    ['/v1/orders/42/payments', shopper, { method: 'wallet' }],
    ['/v1/orders/42/cancellation', shopper, undefined],
    ['/v1/wallet/deposits', shopper, { amount: EUR(1) }],
    ['/v1/admin/orders/42/shipments', staff, undefined],
    ['/v1/admin/products', staff, { name: 'Lamp', category: 'lamps', price: EUR(1) }],
  ];
  for (const [url, token, body] of changes) {
    const answer = await call('POST', url, { token, body, headers: KEY });
    expect(answer, url).toMatchObject({
      status: 504,
      body: { code: 'deadline', detail: expect.stringContaining('same Idempotency-Key') },
    });
  }
});

test('one service away leaves the others alone', async () => {
  shop.answer(productsByIds, () => ({ items: [productOf('5')] }));
  expect((await call('GET', '/v1/products')).status).toBe(503);
  expect(await call('GET', '/v1/products/5')).toMatchObject({
    status: 200,
    headers: { etag: '"4"' },
    body: productOf('5'),
  });
});

test('own orders are paged by a cursor that is good for this user and this query only', async () => {
  const all = ['9', '8', '7', '6', '5'];
  shop.answer(listOrders, ({ before, limit }) => ({
    items: all
      .filter((each) => before === undefined || each < before)
      .slice(0, limit)
      .map((each) => orderOf(each)),
  }));
  const seen: string[] = [];
  let cursor: string | null = '';
  for (let pages = 0; cursor !== null && pages < 5; pages++) {
    const { body } = await call('GET', `/v1/orders?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.items.map((each: Order) => each.orderId));
    cursor = body.nextCursor;
  }
  expect(seen).toEqual(all);
  const { body } = await call('GET', '/v1/orders?limit=2');
  const other = (await shop.tokens.issue({ userId: '78', role: 'shopper' })).accessToken;
  expect((await call('GET', `/v1/orders?cursor=${body.nextCursor}`, { token: other })).body.code).toBe(
    'cursor-invalid',
  );
  expect((await call('GET', `/v1/orders?status=PAID&cursor=${body.nextCursor}`)).body.code).toBe('cursor-invalid');
  expect((await call('GET', `/v1/orders?limit=5&cursor=${body.nextCursor}`)).body.items).toHaveLength(3);
});

test("staff's list shows the shards' rows in the index's order, and names what no shard holds", async () => {
  const mark = { pit: 'p'.repeat(1500), after: [1, '42'] };
  shop.answer(searchOrders, () => ({ ids: ['42', '41', '40'], next: mark }));
  shop.answer(ordersByIds, () => ({ items: [orderOf('42'), orderOf('40')] }));
  const first = await call('GET', '/v1/admin/orders?status=PAID&minTotal=5&limit=3', { token: staff });
  expect(first.body).toMatchObject({ items: [{ orderId: '42' }, { orderId: '40' }], missing: ['41'] });
  expect(shop.asked[0]?.request).toEqual({ status: 'PAID', minTotal: 5, sort: '-createdAt', limit: 3 });
  shop.answer(searchOrders, (request) => ({ ids: request.mark ? [] : ['42'], next: null }));
  const second = await call('GET', `/v1/admin/orders?status=PAID&minTotal=5&cursor=${first.body.nextCursor}`, {
    token: staff,
  });
  expect(second.body).toEqual({ items: [], nextCursor: null });
  expect(shop.asked.at(-1)?.request).toMatchObject({ mark });
  now += 3600_000;
  staff = (await shop.tokens.issue({ userId: '9', role: 'staff' })).accessToken;
  const late = await call('GET', `/v1/admin/orders?status=PAID&minTotal=5&cursor=${first.body.nextCursor}`, {
    token: staff,
  });
  expect(late.body).toMatchObject({ code: 'cursor-invalid', errors: [{ field: 'cursor' }] });
});

test('the catalogue is found by the index and shown as the inventory has it now', async () => {
  shop.answer(searchProducts, () => ({ ids: ['5', '6'], next: null }));
  shop.answer(productsByIds, ({ ids }) => ({ items: ids.map(productOf) }));
  const answer = await shop.app.inject('/v1/products?q=lamp&sort=-price');
  expect(answer.json()).toEqual({ items: [productOf('5'), productOf('6')], nextCursor: null });
  shop.answer(productsByIds, () => ({ items: [] }));
  expect((await call('GET', '/v1/products/5')).body.code).toBe('not-found');
});

test('the document, its page and the way to it', async () => {
  expect((await shop.app.inject('/openapi.json')).json()).toMatchObject({ openapi: '3.1.1' });
  const page = await shop.app.inject('/docs');
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.body).toContain('What to do next');
  expect(await shop.app.inject('/')).toMatchObject({ statusCode: 302, headers: { location: '/docs' } });
});
