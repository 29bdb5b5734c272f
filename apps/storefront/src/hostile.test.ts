import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ADDRESS, GOOD, NAMES, problem, useStranger, WITH_BODY } from './hostile.testing.ts';
import { ROUTES, type RouteSpec } from './routes.ts';

const stranger = useStranger();

test('who is not signed in hears nothing else: not that a path, a key or a body is wrong', async () => {
  for (const name of NAMES.filter((each) => ROUTES[each].who !== 'anyone')) {
    for (const token of [null, 'a.b.c', `${stranger.tokens.shopper.slice(0, -2)}xx`]) {
      const answer = await stranger.send(name, {
        token,
        path: 'abc',
        raw: '{broken',
        headers: { 'idempotency-key': '' },
      });
      expect(answer, name).toEqual(problem(401, 'unauthenticated'));
    }
  }
});

test('a shopper is no staff, and staff are no shoppers', async () => {
  for (const name of NAMES) {
    const { who } = ROUTES[name];
    if (who === 'anyone') continue;
    const other = who === 'staff' ? 'shopper' : 'staff';
    expect(await stranger.send(name, { token: stranger.tokens[other], path: 'abc' }), name).toEqual(
      problem(403, 'forbidden'),
    );
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
      const answer = await stranger.send(name, {
        path: encodeURI(decodeURI(path)).replace('%2500', '%00'),
        body: GOOD[name],
      });
      expect(answer, `${name} ${path}`).toEqual(problem(400, 'validation', field));
    }
  }
});

test('a path that can not be decoded or is far too long is 4xx too', async () => {
  for (const path of ['%ff', '%', '%zz', '1'.repeat(5000)]) {
    const answer = await stranger.send('getOrder', { path });
    expect([400, 404, 414]).toContain(answer.status);
    expect(answer.type).toContain('application/problem+json');
  }
});

test('no body, broken bodies and bodies of another kind name the body', async () => {
  for (const name of WITH_BODY) {
    const mayBeEmpty = Object.keys(GOOD[name] ?? {}).length === 0;
    if (!mayBeEmpty) expect(await stranger.send(name, {}), name).toEqual(problem(400, 'validation', 'body'));
    for (const raw of ['{', '{"a":1}x', '[1,2', "{'a':1}", 'NaN', '\u0000', Buffer.from([0x7b, 0xff, 0x7d])]) {
      expect(await stranger.send(name, { raw }), `${name} ${String(raw)}`).toEqual(problem(400, 'bad-request', 'body'));
    }
    for (const body of [null, 1, 'text', true, []]) {
      expect(await stranger.send(name, { body }), `${name} ${JSON.stringify(body)}`).toEqual(
        problem(400, 'validation', 'body'),
      );
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'multipart/form-data; boundary=x',
    ]) {
      expect(
        await stranger.send(name, { body: GOOD[name], headers: { 'content-type': type } }),
        `${name} ${type}`,
      ).toEqual(problem(415, 'media-type'));
    }
    const megabyte = JSON.stringify({ ...GOOD[name], junk: 'x'.repeat(1024 * 1024) });
    expect(await stranger.send(name, { raw: megabyte }), name).toEqual(problem(413, 'body-too-large'));
  }
});

test('unknown members are named, those that would poison a prototype too', async () => {
  for (const name of WITH_BODY) {
    const text = JSON.stringify(GOOD[name]).slice(0, -1);
    const comma = text === '{' ? '' : ',';
    for (const key of ['extra', '__proto__', 'constructor', 'toString']) {
      expect(await stranger.send(name, { raw: `${text}${comma}"${key}":{"x":1}}` }), `${name} ${key}`).toEqual(
        problem(400, 'validation', key),
      );
    }
  }
  const raw = JSON.stringify(GOOD.placeOrder).replace('"quantity":1', '"quantity":1,"__proto__":{"price":0}');
  expect(await stranger.send('placeOrder', { raw })).toEqual(problem(400, 'validation', 'items.0.__proto__'));
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test('each member is needed and has its type', async () => {
  for (const name of WITH_BODY) {
    for (const member of Object.keys(GOOD[name] ?? {})) {
      const { [member as never]: _, ...rest } = GOOD[name] as Record<string, unknown>;
      expect((await stranger.send(name, { body: rest })).fields, `${name} without ${member}`).toContain(member);
      for (const wrong of [null, { $gt: '' }, [], 12.5, true]) {
        const { fields, status } = await stranger.send(name, { body: { ...GOOD[name], [member]: wrong } });
        expect(status).toBe(400);
        expect(
          fields.some((each: string) => each.startsWith(member)),
          `${name} ${member} ${JSON.stringify(wrong)}: ${fields.join()}`,
        ).toBe(true);
      }
    }
  }
});

test('quantities and amounts that are no whole number in their bounds', async () => {
  for (const quantity of [0, -1, 1.5, 1e12, '1', null, 10_001]) {
    const items = [{ productId: '5', quantity }];
    expect(await stranger.send('placeOrder', { body: { ...GOOD.placeOrder, items } })).toEqual(
      problem(400, 'validation', 'items.0.quantity'),
    );
  }
  for (const quantity of [0, -1, 1.5, 1e12, '1']) {
    expect(await stranger.send('receiveStock', { body: { quantity } })).toEqual(problem(400, 'validation', 'quantity'));
  }
  for (const amount of [0, -1, 1.5, 1e12, '1']) {
    expect(await stranger.send('deposit', { body: { amount: { amount, currency: 'EUR' } } })).toEqual(
      problem(400, 'validation', 'amount.amount'),
    );
  }
  expect(await stranger.send('deposit', { raw: '{"amount":{"amount":1e999,"currency":"EUR"}}' })).toEqual(
    problem(400, 'validation', 'amount.amount'),
  );
  expect(await stranger.send('placeOrder', { body: { ...GOOD.placeOrder, items: [] } })).toEqual(
    problem(400, 'validation', 'items'),
  );
  const many = Array.from({ length: 101 }, () => ({ productId: '5', quantity: 1 }));
  expect(await stranger.send('placeOrder', { body: { ...GOOD.placeOrder, items: many } })).toEqual(
    problem(400, 'validation', 'items'),
  );
});

test('text with NUL bytes, other controls or half a surrogate pair', async () => {
  for (const bad of ['a\u0000b', 'a\u001bb', '\ud800', ' ']) {
    expect(await stranger.send('signUp', { body: { ...GOOD.signUp, name: bad } })).toEqual(
      problem(400, 'validation', 'name'),
    );
    const shippingAddress = { ...ADDRESS, line2: bad };
    expect(await stranger.send('placeOrder', { body: { ...GOOD.placeOrder, shippingAddress } })).toEqual(
      problem(400, 'validation', 'shippingAddress.line2'),
    );
  }
});

test('an Idempotency-Key that is missing where it is needed, or malformed wherever it is read', async () => {
  for (const name of WITH_BODY) {
    const { idempotencyKey }: RouteSpec = ROUTES[name];
    if (idempotencyKey === undefined) continue;
    for (const key of ['', '""', 'a b', 'x'.repeat(256), '"x']) {
      const answer = await stranger.send(name, { body: GOOD[name], headers: { 'idempotency-key': key } });
      expect(answer, `${name} ${key}`).toEqual(problem(400, 'validation', 'Idempotency-Key'));
    }
    if (idempotencyKey !== 'needed') continue;
    const route = ROUTES[name];
    const answer = await stranger.shop.app.inject({
      method: route.method,
      url: route.path.replace(':id', '1'),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stranger.tokens.shopper}` },
      payload: JSON.stringify(GOOD[name]),
    });
    expect(answer.json()).toMatchObject({ code: 'idempotency-key-missing', status: 400 });
  }
});

test('an If-Match that is no strong tag', async () => {
  for (const name of NAMES.filter((each) => (ROUTES[each] as RouteSpec).ifMatch)) {
    for (const tag of ['3', 'W/"3"', '"3", "4"', 'x']) {
      const answer = await stranger.send(name, { body: GOOD[name], headers: { 'if-match': tag } });
      expect(answer, `${name} ${tag}`).toEqual(problem(400, 'validation', 'If-Match'));
    }
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
