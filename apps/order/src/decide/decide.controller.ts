import { askDecisions, type DecisionAnswer, type DecisionAsk, type RefusedResult } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { Decisions } from './decisions.ts';

@Controller()
export class DecideController {
  readonly #decisions: Decisions;

  constructor(@Inject(Decisions) decisions: Decisions) {
    this.#decisions = decisions;
  }

  @Serves(askDecisions)
  decide(
    @CallBody(askDecisions) { items }: { items: DecisionAsk[] },
  ): Promise<{ results: (DecisionAnswer | RefusedResult)[] }> {
    return this.#decisions.decideAll(items);
  }
}
