import type { InjectOptions } from 'fastify';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type RouteName, ROUTES, type RouteSpec } from './routes.ts';
import { openStorefront, type Storefront } from './storefront.testing.ts';

/** Everything here must be refused by the storefront itself: a call that reaches a service behind it fails the test. */

let shop: Storefront;
let tokens: { shopper: string; staff: string };

beforeAll(async () => {
  shop = await openStorefront();
  const issue = async (role: 'shopper' | 'staff') => (await shop.tokens.issue({ userId: '77', role })).accessToken;
  tokens = { shopper: await issue('shopper'), staff: await issue('staff') };
});
afterEach(() => {
  const [reached] = shop.asked;
  if (reached) throw new Error(`${reached.path} was reached with ${JSON.stringify(reached.request)}`);
});
afterAll(() => shop.app.close());

const NAMES = Object.keys(ROUTES) as RouteName[];
const ADDRESS = { name: 'Ada', line1: '1 St James', city: 'London', postalCode: 'SW1', country: 'GB' };
const GOOD: Partial<Record<RouteName, object>> = {
  signUp: { email: 'ada@example.org', password: 'correct horse', name: 'Ada' },
  signIn: { email: 'ada@example.org', password: 'correct horse' },
  placeOrder: { items: [{ productId: '5', quantity: 1 }], shippingAddress: ADDRESS },
  payOrder: { method: 'wallet' },
  cancelOrder: {},
  deposit: { amount: { amount: 1, currency: 'EUR' } },
  createProduct: { name: 'Lamp', category: 'lamps', price: { amount: 1, currency: 'EUR' } },
  changeProduct: { name: 'Lamp', category: 'lamps', price: { amount: 1, currency: 'EUR' } },
  receiveStock: { quantity: 1 },
  shipOrder: {},
  deliverOrder: {},
};
const WITH_BODY = NAMES.filter((name) => name in GOOD);

interface Sent {
  readonly path?: string;
  readonly query?: string;
  readonly body?: unknown;
  readonly raw?: string | Buffer;
  readonly headers?: Record<string, string>;
  readonly token?: string | null;
}

async function send(name: RouteName, sent: Sent) {
  const route: RouteSpec = ROUTES[name];
  const token = sent.token === undefined ? tokenFor(route) : (sent.token ?? undefined);
  const payload = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const options: InjectOptions = {
    method: route.method,
    url: route.path.replace(/:\w+/, sent.path ?? '1') + (sent.query ?? ''),
    headers: {
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(route.idempotencyKey && { 'idempotency-key': 'k1' }),
      ...sent.headers,
    },
    ...(payload !== undefined && { payload }),
  };
  const answer = await shop.app.inject(options);
  const fields =
    answer.statusCode < 400 ? [] : (answer.json().errors ?? []).map((each: { field: string }) => each.field);
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    code: answer.json().code as string,
    fields,
  };
}

function tokenFor(route: RouteSpec): string | undefined {
  return route.who === 'anyone' ? undefined : tokens[route.who];
}

function problem(status: number, code: string, ...fields: string[]) {
  return { status, code, type: expect.stringContaining('application/problem+json'), fields };
}

test('who is not signed in hears nothing else: not that a path, a key or a body is wrong', async () => {
  for (const name of NAMES.filter((each) => ROUTES[each].who !== 'anyone')) {
    for (const token of [null, 'a.b.c', `${tokens.shopper.slice(0, -2)}xx`]) {
      const answer = await send(name, { token, path: 'abc', raw: '{broken', headers: { 'idempotency-key': '' } });
      expect(answer, name).toEqual(problem(401, 'unauthenticated'));
    }
  }
});

test('a shopper is no staff, and staff are no shoppers', async () => {
  for (const name of NAMES) {
    const { who } = ROUTES[name];
    if (who === 'anyone') continue;
    const other = who === 'staff' ? 'shopper' : 'staff';
    expect(await send(name, { token: tokens[other], path: 'abc' }), name).toEqual(problem(403, 'forbidden'));
  }
});

test('an id that is none is refused by the name that it has in the path', async () => {
  const ids = [
    'abc',
    '-1',
    '0',
    '01',
    '1.5',
    '1e3',
    '9223372036854775808',
    '99999999999999999999',
    'a'.repeat(19),
    '%00',
    '1%00',
    "1'--",
    '%20',
    'ſ',
    '__proto__',
  ];
  for (const name of NAMES.filter((each) => ROUTES[each].path.includes(':'))) {
    const field = /:(\w+)/.exec(ROUTES[name].path)?.[1] ?? '';
    for (const path of ids) {
      const answer = await send(name, { path: encodeURI(decodeURI(path)).replace('%2500', '%00'), body: GOOD[name] });
      expect(answer, `${name} ${path}`).toEqual(problem(400, 'validation', field));
    }
  }
});

test('a path that can not be decoded or is far too long is 4xx too', async () => {
  for (const path of ['%ff', '%', '%zz', '1'.repeat(5000)]) {
    const answer = await send('getOrder', { path });
    expect([400, 404, 414]).toContain(answer.status);
    expect(answer.type).toContain('application/problem+json');
  }
});

test('no body, broken bodies and bodies of another kind name the body', async () => {
  for (const name of WITH_BODY) {
    const mayBeEmpty = Object.keys(GOOD[name] ?? {}).length === 0;
    if (!mayBeEmpty) expect(await send(name, {}), name).toEqual(problem(400, 'validation', 'body'));
    for (const raw of ['{', '{"a":1}x', '[1,2', "{'a':1}", 'NaN', '\u0000', Buffer.from([0x7b, 0xff, 0x7d])]) {
      expect(await send(name, { raw }), `${name} ${String(raw)}`).toEqual(problem(400, 'bad-request', 'body'));
    }
    for (const body of [null, 1, 'text', true, []]) {
      expect(await send(name, { body }), `${name} ${JSON.stringify(body)}`).toEqual(problem(400, 'validation', 'body'));
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'multipart/form-data; boundary=x',
    ]) {
      expect(await send(name, { body: GOOD[name], headers: { 'content-type': type } }), `${name} ${type}`).toEqual(
        problem(415, 'media-type'),
      );
    }
    const megabyte = JSON.stringify({ ...GOOD[name], junk: 'x'.repeat(1024 * 1024) });
    expect(await send(name, { raw: megabyte }), name).toEqual(problem(413, 'body-too-large'));
  }
});

test('unknown members are named, those that would poison a prototype too', async () => {
  for (const name of WITH_BODY) {
    const text = JSON.stringify(GOOD[name]).slice(0, -1);
    const comma = text === '{' ? '' : ',';
    for (const key of ['extra', '__proto__', 'constructor', 'toString']) {
      expect(await send(name, { raw: `${text}${comma}"${key}":{"x":1}}` }), `${name} ${key}`).toEqual(
        problem(400, 'validation', key),
      );
    }
  }
  const raw = JSON.stringify(GOOD.placeOrder).replace('"quantity":1', '"quantity":1,"__proto__":{"price":0}');
  expect(await send('placeOrder', { raw })).toEqual(problem(400, 'validation', 'items.0.__proto__'));
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test('each member is needed and has its type', async () => {
  for (const name of WITH_BODY) {
    for (const member of Object.keys(GOOD[name] ?? {})) {
      const { [member as never]: _, ...rest } = GOOD[name] as Record<string, unknown>;
      expect((await send(name, { body: rest })).fields, `${name} without ${member}`).toContain(member);
      for (const wrong of [null, { $gt: '' }, [], 12.5, true]) {
        const { fields, status } = await send(name, { body: { ...GOOD[name], [member]: wrong } });
        expect(status).toBe(400);
        expect(
          fields.some((each: string) => each.startsWith(member)),
          `${name} ${member} ${JSON.stringify(wrong)}: ${fields}`,
        ).toBe(true);
      }
    }
  }
});

test('quantities and amounts that are no whole number in their bounds', async () => {
  for (const quantity of [0, -1, 1.5, 1e12, '1', null, 10_001]) {
    const items = [{ productId: '5', quantity }];
    expect(await send('placeOrder', { body: { ...GOOD.placeOrder, items } })).toEqual(
      problem(400, 'validation', 'items.0.quantity'),
    );
  }
  for (const quantity of [0, -1, 1.5, 1e12, '1']) {
    expect(await send('receiveStock', { body: { quantity } })).toEqual(problem(400, 'validation', 'quantity'));
  }
  for (const amount of [0, -1, 1.5, 1e12, '1']) {
    expect(await send('deposit', { body: { amount: { amount, currency: 'EUR' } } })).toEqual(
      problem(400, 'validation', 'amount.amount'),
    );
  }
  expect(await send('deposit', { raw: '{"amount":{"amount":1e999,"currency":"EUR"}}' })).toEqual(
    problem(400, 'validation', 'amount.amount'),
  );
  expect(await send('placeOrder', { body: { ...GOOD.placeOrder, items: [] } })).toEqual(
    problem(400, 'validation', 'items'),
  );
  const many = Array.from({ length: 101 }, () => ({ productId: '5', quantity: 1 }));
  expect(await send('placeOrder', { body: { ...GOOD.placeOrder, items: many } })).toEqual(
    problem(400, 'validation', 'items'),
  );
});

test('text with NUL bytes, other controls or half a surrogate pair', async () => {
  for (const bad of ['a\u0000b', 'a\u001bb', '\ud800', ' ']) {
    expect(await send('signUp', { body: { ...GOOD.signUp, name: bad } })).toEqual(problem(400, 'validation', 'name'));
    const shippingAddress = { ...ADDRESS, line2: bad };
    expect(await send('placeOrder', { body: { ...GOOD.placeOrder, shippingAddress } })).toEqual(
      problem(400, 'validation', 'shippingAddress.line2'),
    );
  }
});

test('an Idempotency-Key that is missing where it is needed, or malformed wherever it is read', async () => {
  for (const name of WITH_BODY) {
    const { idempotencyKey }: RouteSpec = ROUTES[name];
    if (idempotencyKey === undefined) continue;
    for (const key of ['', '""', 'a b', 'x'.repeat(256), '"x']) {
      const answer = await send(name, { body: GOOD[name], headers: { 'idempotency-key': key } });
      expect(answer, `${name} ${key}`).toEqual(problem(400, 'validation', 'Idempotency-Key'));
    }
    if (idempotencyKey !== 'needed') continue;
    const route = ROUTES[name];
    const answer = await shop.app.inject({
      method: route.method,
      url: route.path.replace(':id', '1'),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.shopper}` },
      payload: JSON.stringify(GOOD[name]),
    });
    expect(answer.json()).toMatchObject({ code: 'idempotency-key-missing', status: 400 });
  }
});

test('an If-Match that is no strong tag', async () => {
  for (const name of NAMES.filter((each) => (ROUTES[each] as RouteSpec).ifMatch)) {
    for (const tag of ['3', 'W/"3"', '"3", "4"', 'x']) {
      const answer = await send(name, { body: GOOD[name], headers: { 'if-match': tag } });
      expect(answer, `${name} ${tag}`).toEqual(problem(400, 'validation', 'If-Match'));
    }
  }
});

test('queries: unknown and repeated names, numbers out of bounds, made-up cursors', async () => {
  const wrong: [RouteName, string, string, string?][] = [
    ['listOrders', '?limit=0', 'limit'],
    ['listOrders', '?limit=101', 'limit'],
    ['listOrders', '?limit=-1', 'limit'],
    ['listOrders', '?limit=1.5', 'limit'],
    ['listOrders', '?limit=abc', 'limit'],
    ['listOrders', '?limit=', 'limit'],
    ['listOrders', '?limit=1&limit=2', 'limit'],
    ['listOrders', '?status=paid', 'status'],
    ['listOrders', '?status=PAID&status=PAID', 'status'],
    ['listOrders', '?page=2', 'page'],
    ['listOrders', '?__proto__=1', '__proto__'],
    ['listOrders', '?cursor=abc', 'cursor', 'cursor-invalid'],
    ['listOrders', `?cursor=${'x'.repeat(5000)}`, 'cursor'],
    ['getOrder', '?x=1', 'x'],
    ['getWallet', '?currency=XXX', 'currency'],
    ['listProducts', '?minPrice=-1', 'minPrice'],
    ['listProducts', '?maxPrice=99999999999999999999', 'maxPrice'],
    ['listProducts', '?sort=rating', 'sort'],
    ['listProducts', '?cursor=e30.e30', 'cursor', 'cursor-invalid'],
    ['listAllOrders', '?from=yesterday', 'from'],
    ['listAllOrders', '?to=2026-02-30T00:00:00Z', 'to'],
    ['listAllOrders', '?userId=0', 'userId'],
    ['listAllOrders', '?q=', 'q'],
    ['listAllOrders', `?q=${'x'.repeat(201)}`, 'q'],
    ['listAllOrders', '?minTotal=1&minTotal=2', 'minTotal'],
  ];
  for (const [name, query, field, code = 'validation'] of wrong) {
    expect(await send(name, { query }), `${name} ${query}`).toEqual(problem(400, code, field));
  }
});

test('a method that a path does not take is 405 and names those that it does', async () => {
  const wrong: [NonNullable<InjectOptions['method']>, string, string][] = [
    ['DELETE', '/v1/orders/1', 'GET, HEAD'],
    ['PATCH', '/v1/orders?limit=1', 'POST, GET, HEAD'],
    ['GET', '/v1/users', 'POST'],
    ['PUT', '/v1/wallet', 'GET, HEAD'],
    ['OPTIONS', '/v1/orders/abc/payments', 'POST'],
  ];
  for (const [method, url, allow] of wrong) {
    const answer = await shop.app.inject({ method, url });
    expect([url, answer.statusCode, answer.headers['allow']]).toEqual([url, 405, allow]);
    expect(answer.json()).toMatchObject({ code: 'method-not-allowed' });
  }
});

test('unknown paths are 404, what later issues bring too', async () => {
  const paths: [NonNullable<InjectOptions['method']>, string][] = [
    ['GET', '/v1/cart'],
    ['POST', '/v1/orders/1/refunds'],
    ['GET', '/v1'],
    ['GET', '/v1/orders/'],
    ['GET', '/v1/orders/1/'],
    ['GET', '/v2/orders'],
    ['GET', '/internal/orders/view'],
    ['POST', '/../../etc/passwd'],
  ];
  for (const [method, url] of paths) {
    const answer = await shop.app.inject({ method, url, headers: { authorization: `Bearer ${tokens.shopper}` } });
    expect([method, url, answer.statusCode]).toEqual([method, url, 404]);
    expect(answer.json()).toMatchObject({ code: 'not-found' });
  }
});

test('whatever JSON a body or a query is, the schema answers and never throws', () => {
  for (const name of NAMES) {
    const { body, query }: RouteSpec = ROUTES[name];
    for (const schema of [body, query]) {
      if (schema === undefined) continue;
      const near = fc.dictionary(fc.constantFrom(...Object.keys(GOOD[name] ?? {}), 'limit', 'q', 'to'), fc.jsonValue());
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), near), (value) => {
          schema.safeParse(value);
        }),
      );
    }
  }
});
