import type { Call } from '@tradewind/contracts';
import { OutcomeUnknown, type ProblemCode, Refusal } from '@tradewind/errors';
import type { ServiceClient } from '@tradewind/http';
import type { z } from 'zod';

/** Refusals that are between our services; a client that saw them would look for its own fault. */
const OURS: ReadonlySet<ProblemCode> = new Set([
  'unauthenticated',
  'forbidden',
  'bad-request',
  'media-type',
  'body-too-large',
]);

/** The four services behind, as injection tokens. */
export const ORDER = Symbol('ORDER');
export const INVENTORY = Symbol('INVENTORY');
export const PAYMENT = Symbol('PAYMENT');
export const SEARCH = Symbol('SEARCH');

/**
 * A service behind the storefront, with what a client is told when its answer does not come: a read changed nothing, so it is plainly
 * unavailable; a change may have happened, so the client must repeat it under the same key.
 */
export class Downstream {
  readonly #client: Pick<ServiceClient, 'call'>;

  constructor(client: Pick<ServiceClient, 'call'>) {
    this.#client = client;
  }

  /** @throws Refusal as the service gave it, or `unavailable` */
  async read<Q extends z.ZodType, A extends z.ZodType>(call: Call<Q, A>, request: z.input<Q>): Promise<z.output<A>> {
    return this.#call(call, request).catch((error: unknown) => {
      throw error instanceof OutcomeUnknown ? withCause(new Refusal('unavailable', { retryAfter: 1 }), error) : error;
    });
  }

  /** @throws Refusal as the service gave it, or `deadline` when the outcome is not known */
  async change<Q extends z.ZodType, A extends z.ZodType>(call: Call<Q, A>, request: z.input<Q>): Promise<z.output<A>> {
    return this.#call(call, request).catch((error: unknown) => {
      throw error instanceof OutcomeUnknown ? withCause(outcomeUnknown(), error) : error;
    });
  }

  async #call<Q extends z.ZodType, A extends z.ZodType>(call: Call<Q, A>, request: z.input<Q>): Promise<z.output<A>> {
    try {
      return await this.#client.call(call, request);
    } catch (error) {
      if (!(error instanceof Refusal) || !OURS.has(error.code)) throw error;
      throw new Error(`${call.path} refused the storefront: ${error.code}`, { cause: error });
    }
  }
}

function outcomeUnknown(): Refusal {
  const detail = 'repeat the request with the same Idempotency-Key to learn what became of it';
  return new Refusal('deadline', { detail, retryAfter: 1 });
}

/** For the log; clients are shown the details of a refusal, never its cause. */
function withCause(refusal: Refusal, cause: unknown): Refusal {
  return Object.assign(refusal, { cause });
}
