import type { DoneResult, PaymentResolution, RefusedResult } from '@tradewind/contracts';
import type { Shards } from '@tradewind/mysql';
import { answerBatch } from '@tradewind/nest';
import type { Log } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { inUserSlot, resolveBranch } from '../payment.store.ts';

/** Carries out what was decided about an attempt to pay: captures, thaws, or gives back. */
export class ResolvePayment {
  readonly #shards: Shards;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ shards, clock, log }: { shards: Shards; clock: Clock; log: Log }) {
    this.#shards = shards;
    this.#clock = clock;
    this.#log = log;
  }

  /** Each by itself, some at a time, those of one order in the order given. */
  runAll(items: readonly PaymentResolution[]): Promise<{ results: (DoneResult | RefusedResult)[] }> {
    const work = async (item: PaymentResolution) => (await this.run(item), { ok: true as const });
    return answerBatch(items, work, { log: this.#log, keyOf: (item) => item.orderId });
  }

  /** @throws Refusal `branch-conflict` that says what is wrong, `unavailable`, `overloaded`; OutcomeUnknown: repeat it */
  async run(item: PaymentResolution): Promise<void> {
    const resolution = { ...item, at: new Date(this.#clock.now()) };
    await inUserSlot(this.#shards, item.userId, (tx, slot) => resolveBranch(tx, slot, resolution));
  }
}
