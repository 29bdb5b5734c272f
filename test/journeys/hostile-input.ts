import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { ADDRESS, type Answer, Shop } from '../wire/shop.ts';
import { newProduct, newShopper, placed } from './actors.ts';
import type { System } from './system.ts';

/** Path ids that are none; each call that takes an id must say so, never break on it. */
const BAD_IDS = [
  'abc',
  '-1',
  '0',
  '1.5',
  '9223372036854775808',
  '99999999999999999999999',
  '%00',
  '1%20',
  '1e3',
  "1'--",
];
const BAD_QUANTITIES: unknown[] = [0, -1, 1.5, 1e12, '1', null, true, [], {}];

function expectRefusal(answer: Answer, what: string, field?: string): void {
  expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBeGreaterThanOrEqual(400);
  expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBeLessThan(500);
  expect(answer.headers.get('content-type'), what).toContain('application/problem+json');
  expect(answer.body, what).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status: answer.status,
  });
  if (field !== undefined) expect(JSON.stringify(answer.body), what).toContain(field);
}

/** Every call that takes a body, with a body that it accepts, as the role that may make it. */
function calls(
  orderId: string,
  productId: string,
): { role: 'nobody' | 'shopper' | 'staff'; method: string; path: string; body: Record<string, unknown> }[] {
  const product = { name: 'N', description: '', category: 'c', price: { amount: 1, currency: 'EUR' } };
  return [
    {
      role: 'nobody',
      method: 'POST',
      path: '/v1/users',
      body: { email: 'x@tradewind.example', password: 'long enough', name: 'X' },
    },
    {
      role: 'nobody',
      method: 'POST',
      path: '/v1/sessions',
      body: { email: 'x@tradewind.example', password: 'long enough' },
    },
    {
      role: 'shopper',
      method: 'POST',
      path: '/v1/orders',
      body: { items: [{ productId, quantity: 1 }], shippingAddress: ADDRESS },
    },
    { role: 'shopper', method: 'POST', path: `/v1/orders/${orderId}/payments`, body: { method: 'wallet' } },
    { role: 'shopper', method: 'POST', path: '/v1/wallet/deposits', body: { amount: { amount: 1, currency: 'EUR' } } },
    { role: 'staff', method: 'POST', path: '/v1/admin/products', body: product },
    { role: 'staff', method: 'PUT', path: `/v1/admin/products/${productId}`, body: product },
    { role: 'staff', method: 'POST', path: `/v1/admin/stock/${productId}/receipts`, body: { quantity: 1 } },
  ];
}

export function hostileInput(system: () => System): void {
  test('every call with a body: none, broken JSON, 1 MB, another type, unknown, missing and mistyped fields', async () => {
    const shopper = await newShopper(system(), 1000);
    const { productId } = await newProduct(system(), 5);
    const { orderId } = await placed(system(), shopper, [{ productId, quantity: 1 }]);
    const before = { wallet: await shopper.wallet(), product: await shopper.product(productId) };
    const who: Record<string, Shop> = { nobody: system().nobody, shopper, staff: system().staff };
    for (const { role, method, path, body } of calls(orderId, productId)) {
      const send = (payload: unknown, headers = {}) =>
        who[role]!.send(method, path, payload, { key: `hostile-${Math.random()}`, headers });
      const what = `${method} ${path}`;
      expectRefusal(await send(undefined), `${what} without a body`);
      for (const text of ['{', '{"a":', 'null', '[]', '"text"', '7', '', '{}}', '\u0000', '{"a":1}{"b":2}'])
        expectRefusal(await send(text), `${what} with ${text}`);
      expectRefusal(await send(JSON.stringify({ ...body, pad: 'x'.repeat(1_000_000) })), `${what} with 1 MB`);
      expectRefusal(await send('<a/>', { 'content-type': 'text/xml' }), `${what} as XML`);
      expectRefusal(await send({ ...body, surprise: 1 }), `${what} with an unknown field`, 'surprise');
      expectRefusal(
        await send(`{"__proto__":{"admin":true},${JSON.stringify(body).slice(1)}`),
        `${what} with __proto__`,
      );
      for (const field of Object.keys(body).filter((name) => name !== 'description')) {
        const { [field]: _gone, ...rest } = body;
        expectRefusal(await send(rest), `${what} without ${field}`, field);
        for (const bad of [null, 7.5, [], { x: 1 }, 'x'.repeat(10_000)])
          expectRefusal(
            await send({ ...body, [field]: bad }),
            `${what} with ${field}=${JSON.stringify(bad).slice(0, 20)}`,
            field,
          );
      }
    }
    expect({ wallet: await shopper.wallet(), product: await shopper.product(productId) }).toEqual(before);
  });

  test('quantities of nothing, of less, of parts, of too much and of other types are named and write nothing', async () => {
    const shopper = await newShopper(system());
    const { productId } = await newProduct(system(), 5);
    for (const quantity of BAD_QUANTITIES) {
      const order = { items: [{ productId, quantity }], shippingAddress: ADDRESS };
      expectRefusal(
        await shopper.post('/v1/orders', order, { key: 'q' }),
        `quantity ${JSON.stringify(quantity)}`,
        'quantity',
      );
      expectRefusal(
        await system().staff.post(`/v1/admin/stock/${productId}/receipts`, { quantity }),
        `receipt ${JSON.stringify(quantity)}`,
        'quantity',
      );
    }
    expect((await shopper.product(productId)).available).toBe(5);
    expect((await shopper.get<{ items: unknown[] }>('/v1/orders')).body.items).toEqual([]);
  });

  test('ids that are none, and ids of nothing', async () => {
    const shopper = await newShopper(system());
    for (const id of BAD_IDS) {
      for (const path of [
        `/v1/products/${id}`,
        `/v1/orders/${id}`,
        `/v1/orders/${id}/status`,
        `/v1/orders/${id}/history`,
      ]) {
        expectRefusal(await shopper.get(path), path);
      }
      expectRefusal(await shopper.post(`/v1/orders/${id}/payments`, { method: 'wallet' }, { key: 'k' }), `pay ${id}`);
      expectRefusal(await system().staff.post(`/v1/admin/orders/${id}/shipments`), `ship ${id}`);
    }
    const largest = '9223372036854775807';
    for (const path of [`/v1/products/${largest}`, `/v1/orders/${largest}`, `/v1/orders/${largest}/status`]) {
      expect((await shopper.get(path)).status, path).toBe(404);
    }
    const unknown = await shopper.place([{ productId: largest, quantity: 1 }]);
    expect(unknown).toMatchObject({ status: 409, body: { code: 'product-unknown', products: [largest] } });
  });

  test('tokens: none, garbage, forged, of alg none, and a role that may not', async () => {
    const shopper = await newShopper(system());
    const { url } = system();
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = encode({ sub: '1', role: 'staff', exp: 4_000_000_000, iss: 'tradewind', aud: 'tradewind' });
    const none = `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`;
    const head = encode({ alg: 'HS256', typ: 'JWT' });
    const forged = `${head}.${claims}.${createHmac('sha256', 'guess').update(`${head}.${claims}`).digest('base64url')}`;
    for (const token of ['', 'x', 'x.y.z', none, forged]) {
      const answer = await new Shop(url, token).get('/v1/orders');
      expectRefusal(answer, `token ${token}`);
      expect(answer.status).toBe(401);
    }
    expect((await system().nobody.get('/v1/wallet')).status).toBe(401);
    expect((await shopper.post('/v1/admin/products', {})).status).toBe(403);
    expect((await shopper.get('/v1/admin/orders')).status).toBe(403);
  });

  test('query strings: bad limits, sorts, cursors, doubles and unknown names', async () => {
    const shopper = await newShopper(system());
    const bad = [
      'limit=0',
      'limit=101',
      'limit=x',
      'limit=1&limit=2',
      'cursor=zzz',
      'status=NOPE',
      'colour=red',
      'limit=-1',
      'cursor=',
    ];
    for (const query of bad) expectRefusal(await shopper.get(`/v1/orders?${query}`), query);
    for (const query of ['sort=password', 'minPrice=-1', 'minPrice=1.5', 'q=', `q=${'x'.repeat(300)}`])
      expectRefusal(await shopper.get(`/v1/products?${query}`), query);
    for (const query of ['from=yesterday', 'userId=abc', 'sort=--total', 'minTotal=x'])
      expectRefusal(await system().staff.get(`/v1/admin/orders?${query}`), query);
  });

  test('bytes that are no UTF-8, in a body', async () => {
    const shopper = await newShopper(system());
    const token = (await shopper.get('/v1/wallet')).status;
    expect(token).toBe(200);
    const answer = await fetch(`${system().url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  test('idempotency keys that are none, and a method that a resource does not take', async () => {
    const shopper = await newShopper(system());
    for (const key of ['', '""', '"', 'x'.repeat(256), 'ä', 'a\tb']) {
      const answer = await shopper.post('/v1/orders', {}, { key }).catch(() => undefined);
      if (answer !== undefined) expectRefusal(answer, `key ${key}`);
    }
    expectRefusal(await shopper.send('DELETE', '/v1/orders'), 'DELETE /v1/orders');
    expectRefusal(await shopper.send('PATCH', '/v1/wallet', {}), 'PATCH /v1/wallet');
    expectRefusal(await shopper.get('/v1/nowhere'), '/v1/nowhere');
  });
}
