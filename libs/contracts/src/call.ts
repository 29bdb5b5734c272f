import { isProblemCode, type ProblemCode } from '@tradewind/errors';
import { z } from 'zod';

/**
 * One call between two services: POST of a JSON body to a path under /internal, answered with JSON. Both sides parse with the same
 * schemas: the server what it takes, the client what it gets. Calls that move something come in batches: `{ items: [...] }` in,
 * `{ results: [...] }` out, one result for each item in the same order, so that one item's refusal never fails its neighbours.
 */
export interface Call<Q extends z.ZodType, A extends z.ZodType> {
  readonly path: `/internal/${string}`;
  readonly request: Q;
  readonly answer: A;
}

export function defineCall<Q extends z.ZodType, A extends z.ZodType>(
  path: `/internal/${string}`,
  request: Q,
  answer: A,
): Call<Q, A> {
  return { path, request, answer };
}

/** The most items that one batched call may carry. */
export const BATCH_MOST = 500;

const code = z.custom<ProblemCode>(isProblemCode, 'must be a known problem code');

/** A success of one item of a batch that has nothing more to say. */
export const doneResult = z.object({ ok: z.literal(true) });
export type DoneResult = z.infer<typeof doneResult>;

/** A definite no for one item of a batch. */
export const refusedResult = z.object({
  ok: z.literal(false),
  code,
  detail: z.string().optional(),
  products: z.array(z.string()).optional(),
});
export type RefusedResult = z.infer<typeof refusedResult>;

export function batchOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item).min(1).max(BATCH_MOST) });
}

export function resultsOf<T extends z.ZodObject>(success: T) {
  return z.object({ results: z.array(z.union([success, refusedResult])) });
}

/** The key of a request that must take effect once, and the SHA-256 (64 hex digits) of what it asked for. */
export const idempotency = z.strictObject({
  key: z.string().min(1).max(255),
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Idempotency = z.infer<typeof idempotency>;
