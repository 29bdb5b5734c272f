import { askDecisions, type DecisionAnswer, type DecisionAsk, type RefusedResult } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { Decisions } from './decisions.ts';

/** Asks of one call that are looked into at once: no more than a shard's pool has connections to spare. */
const PARALLEL_MOST = 8;

@Controller()
export class DecideController {
  readonly #decisions: Decisions;

  constructor(@Inject(Decisions) decisions: Decisions) {
    this.#decisions = decisions;
  }

  @Serves(askDecisions)
  async decide(
    @CallBody(askDecisions) { items }: { items: DecisionAsk[] },
  ): Promise<{ results: (DecisionAnswer | RefusedResult)[] }> {
    const results: (DecisionAnswer | RefusedResult)[] = [];
    for (let start = 0; start < items.length; start += PARALLEL_MOST) {
      const part = items.slice(start, start + PARALLEL_MOST);
      results.push(...(await Promise.all(part.map((ask) => this.#decisions.decide(ask)))));
    }
    return { results };
  }
}
