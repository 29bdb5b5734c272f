import { deposit, type DepositCreated } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { DepositMoney, type DepositRequest } from './deposit-money.ts';

@Controller()
export class DepositController {
  readonly #depositMoney: DepositMoney;

  constructor(@Inject(DepositMoney) depositMoney: DepositMoney) {
    this.#depositMoney = depositMoney;
  }

  @Serves(deposit)
  deposit(@CallBody(deposit) request: DepositRequest): Promise<DepositCreated> {
    return this.#depositMoney.run(request);
  }
}
