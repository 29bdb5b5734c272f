import { type PaymentTry, type RefusedResult, tryPayments } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { type Done, TryPayment } from './try-payment.ts';

@Controller()
export class TryController {
  readonly #tryPayment: TryPayment;

  constructor(@Inject(TryPayment) tryPayment: TryPayment) {
    this.#tryPayment = tryPayment;
  }

  @Serves(tryPayments)
  try(@CallBody(tryPayments) { items }: { items: PaymentTry[] }): Promise<{ results: (Done | RefusedResult)[] }> {
    return this.#tryPayment.runAll(items);
  }
}
