import type { RefusedResult } from '@tradewind/contracts';
import { InvariantBroken, OutcomeUnknown, Refusal } from '@tradewind/errors';
import type { Log } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';

/** Items of one call that are worked on at once: no more than a shard's pool has connections to spare. */
const PARALLEL_MOST = 8;
/** An item that has not begun by then is refused: its caller, whose own deadline is 5 s, would not hear of its success any more, ms. */
const BEGIN_MS = 4000;

export interface BatchOptions<I> {
  readonly log: Log;
  /** Items of one key are worked on one after the other, in the order given: a `confirm` before the `return` behind it. */
  readonly keyOf: (item: I) => string;
  readonly parallelMost?: number;
  readonly beginMs?: number;
  readonly clock?: Clock;
}

/**
 * Serves a batched call: one result an item, in the order of the items; one item's failure never fails its neighbours.
 *
 * A refusal becomes its code, an unknown outcome `deadline` (it may have happened), what nobody foresaw `internal`.
 * @throws InvariantBroken, which is no item's answer but the end of the process
 */
export async function answerBatch<I, R extends { readonly ok: true }>(
  items: readonly I[],
  work: (item: I) => Promise<R>,
  { log, keyOf, parallelMost = PARALLEL_MOST, beginMs = BEGIN_MS, clock = systemClock }: BatchOptions<I>,
): Promise<{ results: (R | RefusedResult)[] }> {
  const results: (R | RefusedResult)[] = [];
  const endsAt = clock.elapsed() + beginMs;
  const lastOfKey = new Map<string, Promise<R | RefusedResult>>();
  const begin = async (item: I, before: Promise<unknown> | undefined): Promise<R | RefusedResult> => {
    if (before) await before;
    if (clock.elapsed() >= endsAt) return { ok: false, code: 'overloaded' };
    return work(item).catch((error: unknown) => resultOf(error, log));
  };
  let next = 0;
  const takeItems = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const key = keyOf(items[index]!);
      // Whom it waits for was taken before, so that one is running: nobody waits for an item that nobody works on.
      const mine = begin(items[index]!, lastOfKey.get(key));
      lastOfKey.set(key, mine);
      results[index] = await mine;
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallelMost, items.length) }, takeItems));
  return { results };
}

function resultOf(error: unknown, log: Log): RefusedResult {
  if (error instanceof InvariantBroken) throw error;
  if (error instanceof Refusal) {
    const { detail, products } = error.details;
    return {
      ok: false,
      code: error.code,
      ...(detail !== undefined && { detail }),
      ...(Array.isArray(products) && { products: products as string[] }),
    };
  }
  const isUnknown = error instanceof OutcomeUnknown;
  log.error({ err: error }, isUnknown ? 'the outcome of an item is unknown' : 'an item of a batch failed');
  return { ok: false, code: isUnknown ? 'deadline' : 'internal' };
}
