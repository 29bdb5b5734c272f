import { type PaymentResolution, type RefusedResult, resolvePayments } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { type Done, ResolvePayment } from './resolve-payment.ts';

@Controller()
export class ResolveController {
  readonly #resolvePayment: ResolvePayment;

  constructor(@Inject(ResolvePayment) resolvePayment: ResolvePayment) {
    this.#resolvePayment = resolvePayment;
  }

  @Serves(resolvePayments)
  resolve(
    @CallBody(resolvePayments) { items }: { items: PaymentResolution[] },
  ): Promise<{ results: (Done | RefusedResult)[] }> {
    return this.#resolvePayment.runAll(items);
  }
}
