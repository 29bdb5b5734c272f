import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adminOrderQuery, depositBody, email, id, placeBody, productBody, quantity } from './index.ts';

const address = { name: 'Ada', line1: 'Street 1', city: 'Köln', postalCode: '50667', country: 'DE' };
const order = { items: [{ productId: '1', quantity: 1 }], shippingAddress: address };

test('ids are decimal strings of 1 to 2^63 - 1', () => {
  for (const good of ['1', '9223372036854775807']) expect(id.safeParse(good).success, good).toBe(true);
  for (const bad of [
    '0',
    '-1',
    '01',
    'abc',
    '',
    '1.5',
    '9223372036854775808',
    '99999999999999999999',
    1,
    null,
    '1\n',
  ]) {
    expect(id.safeParse(bad).success, String(bad)).toBe(false);
  }
});

test('text as long as the largest id that is no number is refused with one word, not thrown at', () => {
  for (const bad of ['a'.repeat(19), '99999999999999999999', '1'.repeat(18) + 'x']) {
    expect(id.safeParse(bad).error?.issues.map((issue) => issue.message)).toEqual(['must be a decimal id']);
  }
  expect(id.safeParse('9223372036854775808').error?.issues).toHaveLength(1);
});

test('quantities of nothing, of less, of parts and of too much are refused', () => {
  for (const bad of [0, -1, 1.5, 1e12, Number.NaN, Infinity, '1', null])
    expect(quantity.safeParse(bad).success).toBe(false);
});

test('a field that nobody knows is refused by name, also __proto__ and one deep inside', () => {
  const parsed = placeBody.safeParse({ ...order, shippingAddress: { ...address, colour: 'red' } });
  expect(parsed.error?.issues[0]).toMatchObject({
    code: 'unrecognized_keys',
    keys: ['colour'],
    path: ['shippingAddress'],
  });
  expect(placeBody.safeParse(JSON.parse('{"__proto__":{"x":1},"items":[]}')).success).toBe(false);
});

test('control characters and lone surrogates are no text', () => {
  for (const bad of ['a\u0000b', 'a\u0007', 'a\ud800', '\u009f', '   ']) {
    expect(
      placeBody.safeParse({ ...order, shippingAddress: { ...address, name: bad } }).success,
      JSON.stringify(bad),
    ).toBe(false);
  }
  expect(placeBody.safeParse({ ...order, shippingAddress: { ...address, name: 'Åsa 🦊' } }).success).toBe(true);
});

test('no JSON at all makes a schema throw anything but its own refusal', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const schema of [placeBody, productBody, depositBody, adminOrderQuery])
        expect(() => schema.safeParse(value)).not.toThrow();
    }),
  );
});

test('money that is negative, a fraction, too much or of no currency is no deposit', () => {
  for (const amount of [
    { amount: 0, currency: 'EUR' },
    { amount: -1, currency: 'EUR' },
    { amount: 0.5, currency: 'EUR' },
    { amount: 1e15, currency: 'EUR' },
    { amount: 1, currency: 'XXX' },
    { amount: 1, currency: 'toString' },
    { amount: 1 },
  ]) {
    expect(depositBody.safeParse({ amount }).success, JSON.stringify(amount)).toBe(false);
  }
});

test('e-mail addresses are compared in lower case', () => {
  expect(email.parse(' Ada@Example.COM ')).toBe('ada@example.com');
});
