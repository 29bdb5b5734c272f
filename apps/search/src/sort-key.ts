/** Digits of 2^63 - 1, the largest id. */
const DIGITS = 19;

/**
 * An id as a keyword that sorts like the number: zero-padded. A `long` would sort too, but its sort values come back as JSON numbers, and
 * JavaScript rounds those beyond 2^53.
 */
export function sortKey(id: string): string {
  return id.padStart(DIGITS, '0');
}
