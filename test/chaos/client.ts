import { randomUUID } from 'node:crypto';
import { type Answer, isDefinite, pause, type Shop } from '../wire/shop.ts';
import type { Random } from './random.ts';
import type { Tally } from './tally.ts';

/** How long a client insists. Longer than every fault together with the restarts behind it: past it the shop has lost the request. */
const INSIST_MS = 150_000;
const PAUSE_LEAST_MS = 100;
const PAUSE_MOST_MS = 700;

/** Repeats each request with its key until the answer is definite, at whichever of the doors. */
export class Client {
  readonly #doors: readonly Shop[];
  readonly #random: Random;
  readonly #tally: Tally;

  constructor(doors: readonly Shop[], random: Random, tally: Tally) {
    this.#doors = doors;
    this.#random = random;
    this.#tally = tally;
  }

  /** @throws Error when no definite answer came within `INSIST_MS` */
  async insist<T = Record<string, unknown>>(
    what: string,
    path: string,
    body: unknown = {},
    key: string = randomUUID(),
  ): Promise<Answer<T>> {
    return this.#until(what, (door) => door.post<T>(path, body, { key }));
  }

  /** @throws Error when it could not be read within `INSIST_MS` */
  async read<T>(path: string): Promise<T> {
    const { status, body } = await this.#until('read', (door) => door.get<T>(path));
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async #until<T>(what: string, send: (door: Shop) => Promise<Answer<T>>): Promise<Answer<T>> {
    const start = Date.now();
    let last = '';
    while (Date.now() - start < INSIST_MS) {
      const answer = await send(this.#random.pick(this.#doors)).catch(() => undefined);
      last = answer === undefined ? 'no answer' : nameOf(answer);
      this.#tally.count(what, last);
      if (answer !== undefined && isDefinite(answer)) {
        this.#tally.waited(what, Date.now() - start);
        return answer;
      }
      await pause(this.#random.between(PAUSE_LEAST_MS, PAUSE_MOST_MS));
    }
    throw new Error(`no definite answer to ${what} within ${INSIST_MS / 1000} s, the last was ${last}`);
  }
}

export function nameOf({ status, body }: Answer<unknown>): string {
  const { code } = body as { code?: string };
  return code === undefined ? String(status) : `${status} ${code}`;
}
