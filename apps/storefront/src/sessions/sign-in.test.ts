import { getWallet } from '@tradewind/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStorefront, type Storefront } from '../storefront.testing.ts';

let shop: Storefront;

beforeEach(async () => {
  shop = await openStorefront();
});
afterEach(() => shop.app.close());

const EUR = (amount: number) => ({ amount, currency: 'EUR' as const });

async function call(method: 'GET' | 'POST', url: string, options: { token?: string; body?: unknown } = {}) {
  const { token, body } = options;
  const answer = await shop.app.inject({
    method,
    url,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
}

test('signing up and in gives a token that opens what is for shoppers', async () => {
  shop.answer(getWallet, () => ({ balance: EUR(0), frozen: EUR(0) }));
  const account = { email: 'Ada@Example.org', password: 'correct horse', name: 'Ada' };
  const created = await call('POST', '/v1/users', { body: account });
  expect(created).toMatchObject({ status: 201, headers: { location: `/v1/users/${created.body.userId}` } });
  expect(await call('POST', '/v1/users', { body: { ...account, email: 'ada@example.ORG' } })).toMatchObject({
    status: 409,
    body: { code: 'email-taken' },
  });
  const session = await call('POST', '/v1/sessions', {
    body: { email: ' ADA@example.org', password: 'correct horse' },
  });
  expect(session).toMatchObject({ status: 201, body: { expiresIn: 3600 }, headers: { 'cache-control': 'no-store' } });
  expect(Object.keys(session.body).sort()).toEqual(['accessToken', 'expiresIn']);
  expect(await call('GET', '/v1/wallet', { token: session.body.accessToken })).toMatchObject({
    status: 200,
    body: { balance: EUR(0) },
  });
  expect(shop.asked.at(-1)?.request).toEqual({ userId: created.body.userId, currency: 'EUR' });
});

test('an unknown address and a wrong password look the same, and the eleventh failure closes the door for the right one too', async () => {
  await call('POST', '/v1/users', { body: { email: 'a@b.co', password: 'correct horse', name: 'A' } });
  const signIn = async (email: string, password: string) =>
    await call('POST', '/v1/sessions', { body: { email, password } });
  const { traceId: _, ...unknown } = (await signIn('nobody@b.co', 'x')).body;
  const { traceId: __, ...wrong } = (await signIn('a@b.co', 'x')).body;
  expect(wrong).toEqual(unknown);
  expect(wrong).toMatchObject({ status: 401, code: 'credentials-wrong' });
  for (let failures = 1; failures < 10; failures++) expect((await signIn('a@b.co', 'x')).status).toBe(401);
  for (const password of ['x', 'correct horse']) {
    const closed = await signIn('a@b.co', password);
    expect(closed).toMatchObject({
      status: 429,
      body: { code: 'too-many-attempts' },
      headers: { 'retry-after': '900' },
    });
  }
  expect((await signIn('nobody@b.co', 'x')).status).toBe(401);
});

test('of many guesses at once none learns more than ten could one after the other', async () => {
  await call('POST', '/v1/users', { body: { email: 'a@b.co', password: 'correct horse', name: 'A' } });
  const guesses = Array.from({ length: 60 }, (_, index) => (index === 59 ? 'correct horse' : `guess ${index}`));
  const answers = await Promise.all(
    guesses.map((password) => call('POST', '/v1/sessions', { body: { email: 'a@b.co', password } })),
  );
  expect(answers.at(-1)?.status).toBe(429);
});

test('without the counter people can still sign in', async () => {
  await shop.app.close();
  shop = await openStorefront({
    counter: { countWithin: async () => undefined, counted: async () => undefined },
  });
  await call('POST', '/v1/users', { body: { email: 'a@b.co', password: 'correct horse', name: 'A' } });
  for (let failures = 0; failures < 12; failures++)
    await call('POST', '/v1/sessions', { body: { email: 'a@b.co', password: 'x' } });
  expect((await call('POST', '/v1/sessions', { body: { email: 'a@b.co', password: 'correct horse' } })).status).toBe(
    201,
  );
});
