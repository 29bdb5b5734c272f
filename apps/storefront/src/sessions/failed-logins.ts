import { hash } from 'node:crypto';
import { Refusal } from '@tradewind/errors';

export const FAILURES_MOST = 10;
export const WINDOW_SECONDS = 15 * 60;

/** What the guard needs of a counter that all processes share; both answer undefined when it is away. */
export interface SharedCounter {
  /** Counts one more within a window that begins with the first. */
  countWithin(key: string, windowSeconds: number): Promise<number | undefined>;
  /** @returns how many were counted, and the seconds until their window ends */
  counted(key: string): Promise<{ readonly count: number; readonly endsInSeconds: number } | undefined>;
}

/**
 * Slows guessing down: after 10 failures for one address within 15 minutes its sign-in is closed until the window ends, for the
 * right password too. It fails open: without the counter people can still sign in, and guessing is held back by the cost of the hash.
 */
export class FailedLogins {
  readonly #counter: SharedCounter;

  constructor(counter: SharedCounter) {
    this.#counter = counter;
  }

  /**
   * Asked before a password is looked at, and again when it was right: of many guesses at once those that were let in together must not
   * learn more than ten could one after the other.
   * @throws Refusal `too-many-attempts` with the seconds to wait
   */
  async mustBeOpen(email: string): Promise<void> {
    const seen = await this.#counter.counted(keyOf(email));
    if (seen === undefined || seen.count < FAILURES_MOST) return;
    const retryAfter = Math.max(1, Math.ceil(seen.endsInSeconds));
    throw new Refusal('too-many-attempts', { detail: 'too many failed sign-ins for this address', retryAfter });
  }

  async note(email: string): Promise<void> {
    await this.#counter.countWithin(keyOf(email), WINDOW_SECONDS);
  }
}

/** Addresses are personal data; the counter needs only to tell them apart. */
function keyOf(email: string): string {
  return `tradewind:login-failures:${hash('sha256', email, 'hex').slice(0, 32)}`;
}
