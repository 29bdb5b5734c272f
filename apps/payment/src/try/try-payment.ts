import type { DoneResult, PaymentTry, RefusedResult } from '@tradewind/contracts';
import type { Shards } from '@tradewind/mysql';
import { answerBatch } from '@tradewind/nest';
import type { Log } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { checkAmount } from '../payment.ts';
import { inUserSlot, tryBranch } from '../payment.store.ts';

/** Freezes the total of an order in the shopper's wallet. */
export class TryPayment {
  readonly #shards: Shards;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ shards, clock, log }: { shards: Shards; clock: Clock; log: Log }) {
    this.#shards = shards;
    this.#clock = clock;
    this.#log = log;
  }

  /** Each by itself, some at a time, those of one order in the order given. */
  runAll(items: readonly PaymentTry[]): Promise<{ results: (DoneResult | RefusedResult)[] }> {
    const work = async (item: PaymentTry) => (await this.run(item), { ok: true as const });
    return answerBatch(items, work, { log: this.#log, keyOf: (item) => item.orderId });
  }

  /** @throws Refusal `balance-short`, `branch-conflict`, `validation`, `unavailable`, `overloaded`; OutcomeUnknown */
  async run({ askAt, ...item }: PaymentTry): Promise<void> {
    checkAmount(item.amount);
    const attempt = { ...item, askAt: new Date(askAt), at: new Date(this.#clock.now()) };
    await inUserSlot(this.#shards, item.userId, (tx, slot) => tryBranch(tx, slot, attempt));
  }
}
