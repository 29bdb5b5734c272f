import { type DoneResult, type PaymentResolution, type RefusedResult, resolvePayments } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { ResolvePayment } from './resolve-payment.ts';

@Controller()
export class ResolveController {
  readonly #resolvePayment: ResolvePayment;

  constructor(@Inject(ResolvePayment) resolvePayment: ResolvePayment) {
    this.#resolvePayment = resolvePayment;
  }

  @Serves(resolvePayments)
  resolve(
    @CallBody(resolvePayments) { items }: { items: PaymentResolution[] },
  ): Promise<{ results: (DoneResult | RefusedResult)[] }> {
    return this.#resolvePayment.runAll(items);
  }
}
