import { ON_HAND_MOST } from '@tradewind/contracts';
import { productSlot } from '@tradewind/sharding';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canBeHeld, EFFECTS, type Line, orderedLines, repeatedTry, resolutionStep } from './stock.ts';

const line = (quantity: number): Line => ({ slot: productSlot('7'), productId: '7', quantity });

test('two lines of one product are one demand', () => {
  const [only, ...rest] = orderedLines([
    { productId: '7', quantity: 2 },
    { productId: '7', quantity: 3 },
  ]);
  expect(only).toEqual(line(5));
  expect(rest).toEqual([]);
});

test('whatever order a cart has, locks are taken in one order, and ids of 19 digits are told apart', () => {
  const ids = ['9223372036854775807', '9223372036854775806', '10', '9', '123456789012345678'];
  fc.assert(
    fc.property(fc.shuffledSubarray(ids, { minLength: 5 }), (shuffled) => {
      const given = shuffled.map((productId) => ({ productId, quantity: 1 }));
      expect(orderedLines(given)).toEqual(orderedLines(ids.map((productId) => ({ productId, quantity: 1 }))));
    }),
  );
});

test('no action breaks on_hand = available + frozen', () => {
  for (const { onHand, available, frozen } of Object.values(EFFECTS)) expect(onHand).toBe(available + frozen);
});

test('a try, and a confirm or cancel of it, leave nothing frozen; a confirm and its return leave all as it was', () => {
  const sum = (...actions: (keyof typeof EFFECTS)[]) =>
    actions.reduce(
      (total, each) => ({ frozen: total.frozen + EFFECTS[each].frozen, onHand: total.onHand + EFFECTS[each].onHand }),
      {
        frozen: 0,
        onHand: 0,
      },
    );
  expect(sum('try', 'confirm')).toEqual({ frozen: 0, onHand: -1 });
  expect(sum('try', 'cancel')).toEqual({ frozen: 0, onHand: 0 });
  expect(sum('try', 'confirm', 'return')).toEqual({ frozen: 0, onHand: 0 });
});

test('resolving part of a branch and beyond it are told apart', () => {
  const branch = { phase: 'tried', quantity: 3 } as const;
  expect(() => resolutionStep(line(4), branch, 'confirm')).toThrow('product 7: 4 is beyond the 3 that were tried');
  expect(() => resolutionStep(line(2), branch, 'cancel')).toThrow('product 7: 2 is only part of the 3 that were tried');
  expect(resolutionStep(line(3), branch, 'confirm')).toEqual({ kind: 'run', next: 'confirmed' });
});

test('a tombstone answers every cancel, whatever it names', () => {
  expect(resolutionStep(line(9), { phase: 'voided', quantity: 3 }, 'cancel')).toEqual({ kind: 'skip' });
});

test('a repeated try passes only with the same quantity and before any cancel', () => {
  expect(() => repeatedTry(line(3), { phase: 'confirmed', quantity: 3 })).not.toThrow();
  expect(() => repeatedTry(line(3), { phase: 'tried', quantity: 2 })).toThrow('3 asked, but 2 tried before');
  expect(() => repeatedTry(line(3), { phase: 'voided', quantity: 3 })).toThrow('already-cancelled');
});

test('a quantity that no stock row can hold never reaches a column', () => {
  expect(canBeHeld(line(ON_HAND_MOST))).toBe(true);
  expect(canBeHeld(line(ON_HAND_MOST + 1))).toBe(false);
});
