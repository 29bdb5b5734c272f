import { Refusal } from '@tradewind/errors';

const STRONG = /^"([1-9][0-9]{0,9})"$/;
/** What `If-Match` takes, as a pattern for the document. */
export const IF_MATCH_PATTERN = '^(\\*|"[1-9][0-9]{0,9}")$';

/** A version as a strong entity tag (RFC 9110, section 8.8.3). */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * Reads `If-Match`.
 * @returns the version that the client has seen; undefined when the header is absent or `*`, which any version matches
 * @throws Refusal `validation` that names the header for anything but one strong tag of ours
 */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = STRONG.exec(header.trim())?.[1];
  if (version !== undefined) return Number(version);
  const message = 'must be one strong entity tag as ETag gave it, such as "3"';
  throw new Refusal('validation', { detail: `If-Match: ${message}`, errors: [{ field: 'If-Match', message }] });
}
