import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { Refusal } from '@tradewind/errors';
import type { Clock } from '@tradewind/time';
import { z } from 'zod';
import { canonicalJson } from '../requests/canonical-json.ts';

/** What a cursor is good for: one list, with these filters, for this user (empty for a list that anyone reads). */
export interface CursorScope {
  readonly list: string;
  readonly userId: string;
  /** Every member of the query that decides what comes next: filters and sort, not the page's size. */
  readonly filters: unknown;
}

const envelope = z.tuple([z.int(), z.string(), z.unknown()]);

/**
 * Makes and opens the cursors of lists: where a page ended, signed, so that a client can hold it and can neither read much into it nor
 * change it, use it for another query or give it to another user.
 *
 * Format: base64url of the JSON `[expiry in ms, hash of the scope, mark]`, a dot, base64url of its HMAC-SHA-256.
 */
export class Cursors {
  readonly #secret: string;
  readonly #clock: Clock;

  constructor(secret: string, clock: Clock) {
    this.#secret = secret;
    this.#clock = clock;
  }

  /** @param lifeMs how long the cursor will open; a mark that leans on something that expires must not outlive it */
  seal(scope: CursorScope, mark: unknown, lifeMs: number): string {
    const body = Buffer.from(JSON.stringify([this.#clock.now() + lifeMs, hashOf(scope), mark])).toString('base64url');
    return `${body}.${this.#sign(body).toString('base64url')}`;
  }

  /** @throws Refusal `cursor-invalid` when it is forged, expired, or of another list, query or user */
  open<S extends z.ZodType>(scope: CursorScope, cursor: string, mark: S): z.output<S> {
    const [body = '', signature = '', ...rest] = cursor.split('.');
    const given = Buffer.from(signature, 'base64url');
    const wanted = this.#sign(body);
    const isOurs = rest.length === 0 && given.length === wanted.length && timingSafeEqual(given, wanted);
    if (!isOurs) throw invalid();
    const parsed = envelope.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    if (!parsed.success) throw invalid();
    const [expiresAt, hashed, inside] = parsed.data;
    if (expiresAt <= this.#clock.now() || hashed !== hashOf(scope)) throw invalid();
    return mark.parse(inside);
  }

  #sign(body: string): Buffer {
    return createHmac('sha256', this.#secret).update(`cursor ${body}`).digest();
  }
}

function hashOf(scope: CursorScope): string {
  return hash('sha256', canonicalJson(scope), 'base64url').slice(0, 22);
}

function invalid(): Refusal {
  const message = 'is forged, expired or of another query; begin again without it';
  return new Refusal('cursor-invalid', { errors: [{ field: 'cursor', message }] });
}
