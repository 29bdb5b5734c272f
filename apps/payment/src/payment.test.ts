import { asSlot } from '@tradewind/sharding';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BALANCE_MOST, type Cause, postingsOf } from './ledger.ts';
import { type Branch, checkAmount, repeatedTry, resolutionStep } from './payment.ts';

const key = { orderId: '7', attempt: 1, userId: '9' };
const branch: Branch = { userId: '9', phase: 'tried', amount: 500, currency: 'EUR' };

test('the lines of every transfer sum to zero, and the wallet is locked first', () => {
  const causes = fc.constantFrom<Cause>('capture', 'return', 'deposit');
  fc.assert(
    fc.property(causes, fc.integer({ min: 0, max: BALANCE_MOST }), (cause, amount) => {
      const postings = postingsOf({ slot: asSlot(3), transferId: '1', cause, userId: '9', currency: 'EUR', amount });
      expect(postings[0].account.kind).toBe('wallet');
      expect(postings[0].amount + postings[1].amount).toBe(0);
      expect(Object.is(postings[1].amount, -0)).toBe(false);
    }),
  );
});

test('a capture and its return undo each other', () => {
  const transfer = { slot: asSlot(3), transferId: '1', userId: '9', currency: 'EUR', amount: 5 } as const;
  const [captured, returned] = [
    postingsOf({ ...transfer, cause: 'capture' }),
    postingsOf({ ...transfer, cause: 'return' }),
  ];
  for (const side of [0, 1] as const) {
    expect(captured[side].account).toEqual(returned[side].account);
    expect(captured[side].amount + returned[side].amount).toBe(0);
  }
});

test('a repeated try passes only with the same amount and currency, for the same user, before any cancel', () => {
  const same = { amount: 500, currency: 'EUR' } as const;
  expect(() => repeatedTry(key, same, branch)).not.toThrow();
  expect(() => repeatedTry(key, same, { ...branch, phase: 'confirmed' })).not.toThrow();
  expect(() => repeatedTry(key, { ...same, amount: 501 }, branch)).toThrow('501 EUR asked, but 500 EUR tried before');
  expect(() => repeatedTry(key, { ...same, currency: 'USD' }, branch)).toThrow('500 USD asked');
  expect(() => repeatedTry({ ...key, userId: '8' }, same, branch)).toThrow('tried for another user');
  expect(() => repeatedTry(key, same, { ...branch, phase: 'voided' })).toThrow('already-cancelled');
});

test('nobody resolves another user’s branch', () => {
  expect(() => resolutionStep({ ...key, userId: '8' }, branch, 'cancel')).toThrow('tried for another user');
  expect(resolutionStep(key, branch, 'confirm')).toEqual({ kind: 'run', next: 'confirmed' });
});

test('a free order may be paid, a negative amount not', () => {
  expect(() => checkAmount({ amount: 0, currency: 'EUR' })).not.toThrow();
  expect(() => checkAmount({ amount: -1, currency: 'EUR' })).toThrow('must not be negative');
});
