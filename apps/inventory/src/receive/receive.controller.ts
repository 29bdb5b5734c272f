import { receiveStock } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { type ReceiptCreated, ReceiveStock, type ReceiveRequest } from './receive-stock.ts';

@Controller()
export class ReceiveController {
  readonly #receiveStock: ReceiveStock;

  constructor(@Inject(ReceiveStock) receiveStock: ReceiveStock) {
    this.#receiveStock = receiveStock;
  }

  @Serves(receiveStock)
  receive(@CallBody(receiveStock) request: ReceiveRequest): Promise<ReceiptCreated> {
    return this.#receiveStock.run(request);
  }
}
