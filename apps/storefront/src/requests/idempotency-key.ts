import { type FieldError, Refusal } from '@tradewind/errors';

export const KEY_MOST = 255;
const FIELD = 'Idempotency-Key';
// Printable ASCII, without the space, which would be lost at the ends of a bare header, and without the quote and the backslash, which
// mean something in a quoted one. What a quoted key may hold besides are spaces and those two, escaped (RFC 8941, section 3.3.3).
const BARE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const QUOTED = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/** What the header takes, as a pattern for the document. */
export const KEY_PATTERN = String.raw`^("([ !#-\[\]-~]|\\["\\])+"|[!#-\[\]-~]+)$`;

/**
 * Reads the Idempotency-Key header, quoted as draft-ietf-httpapi-idempotency-key-header has it, or bare as most clients send it. Both
 * spellings of a key are one key.
 * @returns undefined when the header is absent
 * @throws Refusal `validation` that names the header unless the key has 1 to 255 characters of printable ASCII
 */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  // Node joins repeated headers with a comma and a space; a bare key can't hold a space, so two keys never pass for one.
  const text = typeof header === 'string' ? header.trim() : '';
  const key = QUOTED.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1') ?? (BARE.test(text) ? text : '');
  if (key.length >= 1 && key.length <= KEY_MOST) return key;
  const wrong: FieldError = {
    field: FIELD,
    message: `must be 1 to ${KEY_MOST} printable ASCII characters, bare or in quotes`,
  };
  throw new Refusal('validation', { detail: `${wrong.field}: ${wrong.message}`, errors: [wrong] });
}
