import { createHmac } from 'node:crypto';
import { type Clock, systemClock } from '@tradewind/time';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { AccessTokens, TOKEN_SECONDS } from './access-tokens.ts';

const SECRET = 'a secret of thirty-two characters';
let now = Date.now();
const clock: Clock = { ...systemClock, now: () => now };
const tokens = new AccessTokens(SECRET, clock);
const caller = { userId: '251234567890123456', role: 'shopper' } as const;
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = () => ({
  sub: caller.userId,
  role: 'staff',
  jti: 'x',
  iss: 'https://tradewind.example',
  aud: 'tradewind-storefront',
  iat: Math.floor(now / 1000),
  exp: Math.floor(now / 1000) + 60,
});

/** Signs whatever it is given with the right secret: only what is said is wrong, not the signature. */
function forge(header: object, payload: object): string {
  const body = `${encode(header)}.${encode(payload)}`;
  return `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}`;
}

async function isRefused(token: string): Promise<boolean> {
  return tokens.check(token).then(
    () => false,
    (error: { code?: string }) => error.code === 'unauthenticated',
  );
}

const GOOD_HEADER = { alg: 'HS256', typ: 'at+jwt' };

test('a token names its caller for an hour, and not a second longer', async () => {
  const { accessToken, expiresIn } = await tokens.issue(caller);
  expect(expiresIn).toBe(TOKEN_SECONDS);
  expect(await tokens.check(accessToken)).toEqual(caller);
  now += TOKEN_SECONDS * 1000;
  // It was checked before and is remembered; that must not prolong it.
  expect(await isRefused(accessToken)).toBe(true);
});

test('the forger that the other tests use would get in with nothing wrong', async () => {
  expect(await isRefused(forge(GOOD_HEADER, claims()))).toBe(false);
});

test('the algorithm is pinned: none, another digest, and none with the signature left on', async () => {
  for (const alg of ['none', 'None', 'NONE', 'HS384', 'HS512', 'RS256', 'ES256', '']) {
    expect(await isRefused(forge({ ...GOOD_HEADER, alg }, claims())), alg).toBe(true);
  }
  expect(await isRefused(`${encode({ ...GOOD_HEADER, alg: 'none' })}.${encode(claims())}.`)).toBe(true);
});

test('another audience, issuer, type, an end that is past or absent, and claims that are not ours', async () => {
  const wrong = [
    { aud: 'tradewind-console' },
    { iss: 'https://elsewhere.example' },
    { exp: Math.floor(now / 1000) - 1 },
    { exp: undefined },
    { exp: '9999999999' },
    { nbf: Math.floor(now / 1000) + 600 },
    { sub: 'abc' },
    { sub: undefined },
    { role: 'root' },
    { role: undefined },
    { jti: undefined },
  ];
  for (const each of wrong)
    expect(await isRefused(forge(GOOD_HEADER, { ...claims(), ...each })), JSON.stringify(each)).toBe(true);
  expect(await isRefused(forge({ alg: 'HS256', typ: 'JWT' }, claims()))).toBe(true);
  expect(await isRefused(forge({ ...GOOD_HEADER, crit: ['x'], x: 1 }, claims()))).toBe(true);
});

test('a changed payload, a cut signature and the signature of another secret', async () => {
  const { accessToken } = await tokens.issue(caller);
  const [header, , signature = ''] = accessToken.split('.');
  expect(await isRefused(`${header}.${encode({ ...claims(), role: 'staff' })}.${signature}`)).toBe(true);
  expect(await isRefused(accessToken.slice(0, -1))).toBe(true);
  const other = new TextEncoder().encode('another secret of 32 characters!');
  expect(await isRefused(await new SignJWT(claims()).setProtectedHeader(GOOD_HEADER).sign(other))).toBe(true);
});

test('what is no token at all', async () => {
  for (const text of ['', '.', '..', 'a.b.c', 'x'.repeat(100_000), '\u0000']) expect(await isRefused(text)).toBe(true);
});
