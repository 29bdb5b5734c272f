import type { RefusedResult, StockTry } from '@tradewind/contracts';
import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import type { Shard, Shards } from '@tradewind/mysql';
import { answerBatch } from '@tradewind/nest';
import type { Log } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { type Line, orderedLines } from '../stock.ts';
import { onLines, type PricedLine, resolveBranches, tryBranches } from '../branch.store.ts';

/** The lines of an order that lie on one shard. */
interface Part {
  readonly shard: Shard;
  readonly epoch: number;
  readonly things: readonly Line[];
}

export interface StockTried {
  readonly ok: true;
  readonly lines: PricedLine[];
}

type Outcome = { readonly part: Part; readonly isFresh: boolean; readonly priced: readonly PricedLine[] };

/** Refusals of several shards become one answer: the one that can be mended least comes first. */
const GRAVITY: readonly string[] = ['branch-conflict', 'product-unknown', 'stock-short'];

/**
 * Freezes the stock of one order: one transaction for each shard that its products lie on, all or none of them.
 *
 * Intuition: a participant that is itself a little coordinator. When one shard refuses, what *this call* froze on the others is
 * cancelled before the answer, so that a refusal means that nothing happened. Where that can't be promised the answer is `outcome unknown`:
 * the order service then cancels the whole, and if it does not, the branches ask back.
 */
export class TryStock {
  readonly #shards: Shards;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ shards, clock, log }: { shards: Shards; clock: Clock; log: Log }) {
    this.#shards = shards;
    this.#clock = clock;
    this.#log = log;
  }

  /** Each by itself, some at a time, those of one order in the order given. */
  runAll(items: readonly StockTry[]): Promise<{ results: (StockTried | RefusedResult)[] }> {
    const work = async (item: StockTry) => ({ ok: true as const, lines: await this.run(item) });
    return answerBatch(items, work, { log: this.#log, keyOf: (item) => item.orderId });
  }

  /**
   * @returns name and unit price of each product, in the order of the lines, as the catalogue is now
   * @throws Refusal `stock-short` or `product-unknown` naming every product it is about, `branch-conflict`, `unavailable`, `overloaded`
   * @throws OutcomeUnknown when something may stay frozen
   */
  async run({ orderId, askAt, lines }: StockTry): Promise<PricedLine[]> {
    const message = { orderId, askAt: new Date(askAt), at: new Date(this.#clock.now()) };
    const parts: Part[] = this.#shards.group(orderedLines(lines), (line) => line.slot);
    const settled = await Promise.allSettled(
      parts.map(async (part) => ({
        part,
        ...(await onLines(part, part.things, (tx) => tryBranches(tx, message, part.things))),
      })),
    );
    const tried = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failures = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    if (failures.length > 0) await this.#undo(orderId, tried, failures);
    const priced = new Map(tried.flatMap((each) => each.priced).map((line) => [line.productId, line]));
    return [...new Set(lines.map((line) => line.productId))].map((productId) => priced.get(productId)!);
  }

  async #undo(orderId: string, tried: readonly Outcome[], failures: readonly unknown[]): Promise<never> {
    const foreign = failures.find((each) => !(each instanceof Refusal));
    if (foreign !== undefined && (tried.length === 0 || foreign instanceof OutcomeUnknown)) throw foreign;
    // An earlier call froze these, and an order may lean on them by now.
    if (tried.some((each) => !each.isFresh))
      throw new OutcomeUnknown(`a repeated try of order ${orderId}`, failures[0]);
    const message = { orderId, action: 'cancel', at: new Date(this.#clock.now()) } as const;
    try {
      await Promise.all(
        tried.map(({ part }) => onLines(part, part.things, (tx) => resolveBranches(tx, message, part.things))),
      );
    } catch (error) {
      throw new OutcomeUnknown(`thawing a part of order ${orderId}`, error);
    }
    throw foreign ?? mergedRefusal(failures as Refusal[]);
  }
}

/** One answer for several shards' refusals of one kind: it names the products of all of them. */
export function mergedRefusal(refusals: readonly Refusal[]): Refusal {
  const code = GRAVITY.find((each) => refusals.some((refusal) => refusal.code === each));
  const same = refusals.filter((refusal) => refusal.code === (code ?? refusals[0]!.code));
  const products = same.flatMap((refusal) => (refusal.details['products'] as string[] | undefined) ?? []);
  if (same.length === 1 || products.length === 0) return same[0]!;
  return new Refusal(same[0]!.code, { products });
}
