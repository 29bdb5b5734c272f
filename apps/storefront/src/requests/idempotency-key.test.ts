import { Refusal } from '@tradewind/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIdempotencyKey } from './idempotency-key.ts';

test('a key is the same key bare and in quotes', () => {
  expect(readIdempotencyKey('8e03978e-40d5-43dd-bc93-6894a57f9324')).toBe('8e03978e-40d5-43dd-bc93-6894a57f9324');
  expect(readIdempotencyKey('"8e03978e-40d5-43dd-bc93-6894a57f9324"')).toBe('8e03978e-40d5-43dd-bc93-6894a57f9324');
  expect(readIdempotencyKey('"a \\"quoted\\" \\\\ key"')).toBe('a "quoted" \\ key');
});

test('an absent key is no key, a malformed one is refused by the name of its header', () => {
  expect(readIdempotencyKey(undefined)).toBeUndefined();
  for (const wrong of ['', ' ', '""', '"', 'a b', 'k"', '"k', 'ключ', 'k\u0000', 'a, b', '"a", "b"', 'x'.repeat(256)]) {
    expect(() => readIdempotencyKey(wrong), wrong).toThrow(
      expect.objectContaining({
        code: 'validation',
        details: expect.objectContaining({ errors: [expect.objectContaining({ field: 'Idempotency-Key' })] }),
      }),
    );
  }
  expect(readIdempotencyKey('x'.repeat(255))).toHaveLength(255);
});

test('whatever comes in, what comes out is 1 to 255 printable ASCII characters or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary-ascii', maxLength: 300 })),
      (header) => {
        try {
          expect(readIdempotencyKey(header)).toMatch(/^[\x20-\x7e]{1,255}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      },
    ),
  );
});
