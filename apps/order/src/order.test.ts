import { ORDER_STATUSES } from '@tradewind/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changed, type ChangeName, CHANGES, newOrder, priceLines, requireAllowed, summedItems } from './order.ts';

const at = new Date('2026-01-31T12:00:00.000Z');
const waiting = newOrder(
  {
    ...{ orderId: '1', userId: '2', lines: [], total: { amount: 5, currency: 'EUR' } },
    shippingAddress: { name: 'A', line1: 'B', city: 'C', postalCode: 'D', country: 'DE' },
  },
  at,
  60_000,
);

test('no sequence of changes leads from a final status back into life, and each raises the version by one', () => {
  const names = Object.keys(CHANGES) as ChangeName[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 8 }), (script) => {
      let order = waiting;
      for (const change of script) {
        const allowed = CHANGES[change].from[order.status] !== undefined;
        if (!allowed) expect(() => requireAllowed(change, order, 0)).toThrow();
        else {
          const next = changed(order, change, at);
          expect(next.version).toBe(order.version + 1);
          order = next;
        }
      }
      expect(ORDER_STATUSES).toContain(order.status);
      if (order.status === 'CANCELLED') for (const name of names) expect(CHANGES[name].from.CANCELLED).toBeUndefined();
    }),
  );
});

test('a payment in the very millisecond of the expiry is too late, one before it is not', () => {
  const end = at.getTime() + 60_000;
  expect(() => requireAllowed('pay', waiting, end)).toThrow('over');
  expect(() => requireAllowed('pay', waiting, end - 1)).not.toThrow();
});

test('an order that no longer waits shows no expiry', () => {
  expect(changed(waiting, 'pay', at)).not.toHaveProperty('expiresAt');
});

test('two lines of one product take its stock once, in the numeric order of ids', () => {
  const summed = summedItems([
    { productId: '10', quantity: 1 },
    { productId: '9', quantity: 2 },
    { productId: '10', quantity: 3 },
  ]);
  expect(summed).toEqual([
    { productId: '9', quantity: 2 },
    { productId: '10', quantity: 4 },
  ]);
});

test('products of two currencies make no order', () => {
  const items = [
    { productId: '1', quantity: 1 },
    { productId: '2', quantity: 1 },
  ];
  const priced = [
    { productId: '1', name: 'a', unitPrice: { amount: 1, currency: 'EUR' as const } },
    { productId: '2', name: 'b', unitPrice: { amount: 1, currency: 'JPY' as const } },
  ];
  expect(() => priceLines(items, priced)).toThrow(expect.objectContaining({ code: 'currency-mixed' }));
});

test('the dearest cart that the contracts allow stays a safe integer', () => {
  const items = Array.from({ length: 100 }, (_, index) => ({ productId: String(index + 1), quantity: 10_000 }));
  const priced = items.map(({ productId }) => ({
    productId,
    name: 'x',
    unitPrice: { amount: 1_000_000_000, currency: 'EUR' as const },
  }));
  // Each of the 100 lines of a request is at most 10,000, and all may name one product.
  expect(priceLines(items, priced).total.amount).toBe(1_000_000_000_000_000);
});
