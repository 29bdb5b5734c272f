import { type DoneResult, type PaymentTry, type RefusedResult, tryPayments } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { TryPayment } from './try-payment.ts';

@Controller()
export class TryController {
  readonly #tryPayment: TryPayment;

  constructor(@Inject(TryPayment) tryPayment: TryPayment) {
    this.#tryPayment = tryPayment;
  }

  @Serves(tryPayments)
  try(@CallBody(tryPayments) { items }: { items: PaymentTry[] }): Promise<{ results: (DoneResult | RefusedResult)[] }> {
    return this.#tryPayment.runAll(items);
  }
}
