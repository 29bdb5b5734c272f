import { payOrder, type PaymentAnswer } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { PayOrder, type PayRequest } from './pay-order.ts';

@Controller()
export class PayController {
  readonly #pay: PayOrder;

  constructor(@Inject(PayOrder) pay: PayOrder) {
    this.#pay = pay;
  }

  @Serves(payOrder)
  pay(@CallBody(payOrder) request: PayRequest): Promise<PaymentAnswer> {
    return this.#pay.run(request);
  }
}
