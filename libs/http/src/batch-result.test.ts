import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import { expect, test } from 'vitest';
import { successOf } from './batch-result.ts';

test('a refused item keeps its code and details', () => {
  const refused = () => successOf({ ok: false, code: 'stock-short', products: ['7'] }, 'try');
  expect(refused).toThrow(Refusal);
  expect(refused).toThrow(expect.objectContaining({ code: 'stock-short', details: { products: ['7'] } }));
});

test('an item that ran out of time, broke or has no result may have taken effect: that is no refusal', () => {
  expect(() => successOf({ ok: false, code: 'deadline' }, 'try')).toThrow(OutcomeUnknown);
  expect(() => successOf({ ok: false, code: 'internal' }, 'try')).toThrow(OutcomeUnknown);
  expect(() => successOf(undefined, 'try')).toThrow(OutcomeUnknown);
});

test('a success is passed on', () => {
  expect(successOf({ ok: true, n: 1 } as const, 'try')).toEqual({ ok: true, n: 1 });
});
