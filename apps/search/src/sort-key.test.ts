import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortKey } from './sort-key.ts';

it('orders as text the way the ids order as numbers', () => {
  const anyId = fc.bigInt({ min: 1n, max: 9_223_372_036_854_775_807n });
  fc.assert(
    fc.property(anyId, anyId, (a, b) => {
      expect(sortKey(String(a)) < sortKey(String(b))).toBe(a < b);
    }),
  );
});
