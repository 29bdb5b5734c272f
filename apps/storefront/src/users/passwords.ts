import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Refusal } from '@tradewind/errors';

const argon2Async = promisify(argon2);

/** The cost of one hash. */
export interface HashCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet, 2025: the least for Argon2id. About 75 ms of one core. */
export const HASH_COST: HashCost = { memoryKib: 19_456, passes: 2, parallelism: 1 };

const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** libuv has four threads; files and name look-ups need the others. */
const AT_ONCE_MOST = 2;
/** About ten seconds of work; who comes later would have given up anyway. */
const WAITING_MOST = 256;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,96})$/;

/**
 * Hashes passwords with Argon2id and checks them, a few at a time: hashing is made to be dear, so without a bound a crowd at the door
 * would take every core there is. Kept in the PHC string format, which holds its own cost.
 */
export class Passwords {
  readonly #cost: HashCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #nobody: Promise<string> | undefined;

  constructor(cost: HashCost = HASH_COST) {
    this.#cost = cost;
  }

  /** @throws Refusal `overloaded` when too many wait for their turn */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const tag = await this.#derive(password, salt, this.#cost, TAG_BYTES);
    const { memoryKib, passes, parallelism } = this.#cost;
    return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
  }

  /**
   * @param stored undefined when there is no such account: the check then costs what a check costs and says no, so that nobody can
   *   tell by the time which addresses have an account
   * @throws Refusal `overloaded` when too many wait for their turn
   */
  async matches(password: string, stored: string | undefined): Promise<boolean> {
    this.#nobody ??= this.hash(randomBytes(SALT_BYTES).toString('hex'));
    const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(stored ?? (await this.#nobody)) ?? [];
    if (memory === undefined) throw new Error('a stored password hash is not in the PHC format of argon2id');
    const cost = { memoryKib: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
    const wanted = Buffer.from(tag, 'base64');
    const given = await this.#derive(password, Buffer.from(salt, 'base64'), cost, wanted.length);
    return timingSafeEqual(given, wanted) && stored !== undefined;
  }

  async #derive(password: string, nonce: Buffer, cost: HashCost, tagLength: number): Promise<Buffer> {
    await this.#turn();
    try {
      return await argon2Async('argon2id', {
        // One spelling for what looks the same (NIST SP 800-63B, 5.1.1.2).
        message: password.normalize('NFKC'),
        nonce,
        tagLength,
        memory: cost.memoryKib,
        passes: cost.passes,
        parallelism: cost.parallelism,
      });
    } finally {
      this.#pass();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < AT_ONCE_MOST) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= WAITING_MOST) throw new Refusal('overloaded', { retryAfter: 2 });
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** A turn goes to who waits; only when nobody does is there one less. */
  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
