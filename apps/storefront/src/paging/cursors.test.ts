import { createHmac } from 'node:crypto';
import { Refusal } from '@tradewind/errors';
import { id } from '@tradewind/contracts';
import { type Clock, systemClock } from '@tradewind/time';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Cursors } from './cursors.ts';

const SECRET = 'a secret of thirty-two characters';
const scope = { list: 'orders', userId: '1', filters: { status: 'PAID' } };
let now = 1_000_000;
const clock: Clock = { ...systemClock, now: () => now };
const cursors = new Cursors(SECRET, clock);

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'opened';
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
}

test('a cursor opens for the list, the filters and the user that it was sealed for, and for no other', () => {
  const cursor = cursors.seal(scope, '42', 1000);
  expect(cursors.open(scope, cursor, id)).toBe('42');
  for (const other of [
    { ...scope, list: 'products' },
    { ...scope, userId: '2' },
    { ...scope, filters: { status: 'CANCELLED' } },
    { ...scope, filters: {} },
  ]) {
    expect(codeOf(() => cursors.open(other, cursor, id))).toBe('cursor-invalid');
  }
});

test('a cursor ends at its time', () => {
  const cursor = cursors.seal(scope, '42', 1000);
  now += 999;
  expect(codeOf(() => cursors.open(scope, cursor, id))).toBe('opened');
  now += 1;
  expect(codeOf(() => cursors.open(scope, cursor, id))).toBe('cursor-invalid');
});

test('no change of one character goes unnoticed', () => {
  const cursor = cursors.seal(scope, { deep: ['mark'] }, 60_000);
  fc.assert(
    fc.property(fc.nat(cursor.length - 1), fc.constantFrom(...'AZaz09-_.='), (at, letter) => {
      fc.pre(cursor[at] !== letter);
      const forged = cursor.slice(0, at) + letter + cursor.slice(at + 1);
      const code = codeOf(() => cursors.open(scope, forged, z.unknown()));
      // The last character of base64url carries bits that nobody reads: another spelling of the same bytes is the same cursor.
      expect(code).toBe(at === cursor.length - 1 && code === 'opened' ? 'opened' : 'cursor-invalid');
    }),
  );
});

test('what a stranger makes up is refused, never a crash', () => {
  const body = Buffer.from('[9999999999999,"x","42"]').toString('base64url');
  const signed = createHmac('sha256', 'another secret').update(`cursor ${body}`).digest('base64url');
  for (const forged of [
    '',
    '.',
    'abc',
    'e30.e30',
    `${body}.`,
    `${body}.${signed}`,
    `${body}.${signed}.x`,
    '\u0000.\u0000',
    '🙂',
  ]) {
    expect(codeOf(() => cursors.open(scope, forged, id))).toBe('cursor-invalid');
  }
});
