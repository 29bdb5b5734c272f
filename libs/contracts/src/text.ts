import { z } from 'zod';

// C0 and C1 controls (other than what a description may hold) and lone surrogates, which UTF-8 can't carry.
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const UNPRINTABLE_BUT_LINES =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** One line of text for people: trimmed, not empty, at most `most` UTF-16 units, no control characters. */
export function line(most: number): z.ZodString {
  return z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !UNPRINTABLE.test(text), 'must not hold control characters') as z.ZodString;
}

/** Text of several lines, possibly empty. */
export function paragraph(most: number): z.ZodString {
  return z
    .string()
    .max(most)
    .refine((text) => !UNPRINTABLE_BUT_LINES.test(text), 'must not hold control characters') as z.ZodString;
}

/** RFC 3339 in UTC with milliseconds, as every answer prints it. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ id: 'Instant', example: '2026-01-31T12:00:00.000Z' });
