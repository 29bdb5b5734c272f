import { expect, test } from 'vitest';
import { decisionOf } from './index.ts';

const NOW = Date.parse('2030-01-01T00:00:00.000Z');

test('a branch follows what was decided, and nothing else', () => {
  expect(decisionOf({ ok: true, decision: 'confirm' }, NOW)).toEqual({ decision: 'confirm' });
  expect(decisionOf({ ok: true, decision: 'cancel' }, NOW)).toEqual({ decision: 'cancel' });
  // A refusal to answer is no `cancel`: money that may still be captured must not be thawed.
  expect(decisionOf({ ok: false, code: 'unavailable' }, NOW)).toBeUndefined();
});

test('told to wait, a branch asks when it was told to, or soon', () => {
  const askAt = '2030-01-01T00:14:59.999Z';
  expect(decisionOf({ ok: true, decision: 'wait', askAt }, NOW)).toEqual({ decision: 'wait', askAt: new Date(askAt) });
  expect(decisionOf({ ok: true, decision: 'wait' }, NOW)).toEqual({ decision: 'wait', askAt: new Date(NOW + 1000) });
});
