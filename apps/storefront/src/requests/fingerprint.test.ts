import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { fingerprint } from './fingerprint.ts';

/** The same value with the members of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

test('the order of members makes no difference, at any depth', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
    }),
  );
});

test('canonical text is JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.stringify(JSON.parse(canonicalJson(value)))).toBe(
        JSON.stringify(JSON.parse(canonicalJson(reversed(value)))),
      );
      expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
    }),
  );
});

test('the order of a list, the method, the route, the path and the type of a value do make one', () => {
  const same = fingerprint('POST', '/v1/orders/:id/payments', { id: '1' }, { a: [1, 2] });
  expect(same).toMatch(/^[0-9a-f]{64}$/);
  const others = [
    fingerprint('PUT', '/v1/orders/:id/payments', { id: '1' }, { a: [1, 2] }),
    fingerprint('POST', '/v1/orders/:id/cancellation', { id: '1' }, { a: [1, 2] }),
    fingerprint('POST', '/v1/orders/:id/payments', { id: '2' }, { a: [1, 2] }),
    fingerprint('POST', '/v1/orders/:id/payments', { id: '1' }, { a: [2, 1] }),
    fingerprint('POST', '/v1/orders/:id/payments', { id: '1' }, { a: ['1', 2] }),
    fingerprint('POST', '/v1/orders/:id/payments', { id: '1' }, { a: [1, 2], b: null }),
  ];
  expect(new Set([same, ...others]).size).toBe(7);
});

test('a member that is undefined is one that is absent', () => {
  expect(canonicalJson({ b: undefined, a: 1 })).toBe(canonicalJson({ a: 1 }));
});
