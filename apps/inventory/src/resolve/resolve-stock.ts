import type { DoneResult, RefusedResult, StockResolution } from '@tradewind/contracts';
import type { Shards } from '@tradewind/mysql';
import { answerBatch } from '@tradewind/nest';
import type { Log } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { orderedLines } from '../stock.ts';
import { onLines, resolveBranches } from '../branch.store.ts';

/**
 * Carries out what was decided for an order: deducts, thaws or takes back. Each shard by itself: a resolution that reached only one of two is
 * repeated by its sender, and the half that is done does nothing then.
 */
export class ResolveStock {
  readonly #shards: Shards;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ shards, clock, log }: { shards: Shards; clock: Clock; log: Log }) {
    this.#shards = shards;
    this.#clock = clock;
    this.#log = log;
  }

  /** Each by itself, some at a time, those of one order in the order given. */
  runAll(items: readonly StockResolution[]): Promise<{ results: (DoneResult | RefusedResult)[] }> {
    const work = async (item: StockResolution) => (await this.run(item), { ok: true as const });
    return answerBatch(items, work, { log: this.#log, keyOf: (item) => item.orderId });
  }

  /** @throws Refusal `branch-conflict` that says what is wrong, `unavailable`, `overloaded`; OutcomeUnknown: repeat it */
  async run({ orderId, action, lines }: StockResolution): Promise<void> {
    const message = { orderId, action, at: new Date(this.#clock.now()) };
    const parts = this.#shards.group(orderedLines(lines), (line) => line.slot);
    const settled = await Promise.allSettled(
      parts.map((part) => onLines(part, part.things, (tx) => resolveBranches(tx, message, part.things))),
    );
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
  }
}
