import { expect, test } from 'vitest';
import { invariant, InvariantBroken, isProblemCode, problemDocument, PROBLEMS, Refusal } from './index.ts';

test('a problem document has the members of RFC 9457, and its type ends in its code', () => {
  const document = problemDocument('stock-short', { detail: 'two left', products: ['7'] }, '/v1/orders');
  expect(document).toMatchObject({ status: 409, instance: '/v1/orders', detail: 'two left', products: ['7'] });
  expect(document['type']).toMatch(/\/stock-short$/);
});

test('every code has a client or server status, and a 4xx never tells to repeat unchanged unless time can help', () => {
  const mayWait = new Set(['request-running', 'daily-limit', 'too-many-attempts']);
  for (const [code, { status, next }] of Object.entries(PROBLEMS)) {
    expect(status).toBeGreaterThanOrEqual(400);
    if (status < 500 && next === 'wait') expect(mayWait, code).toContain(code);
  }
});

test('a name from Object.prototype is no code', () => {
  expect(isProblemCode('constructor')).toBe(false);
  expect(isProblemCode('not-found')).toBe(true);
});

test('a refusal carries its code; a broken claim is another kind of error', () => {
  expect(new Refusal('not-found').message).toBe(PROBLEMS['not-found'].title);
  expect(() => invariant(false, 'two owners')).toThrow(InvariantBroken);
});
