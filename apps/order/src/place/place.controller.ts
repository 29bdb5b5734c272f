import { type Order, placeOrder } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import { PlaceOrder, type PlaceRequest } from './place-order.ts';

@Controller()
export class PlaceController {
  readonly #place: PlaceOrder;

  constructor(@Inject(PlaceOrder) place: PlaceOrder) {
    this.#place = place;
  }

  @Serves(placeOrder)
  place(@CallBody(placeOrder) request: PlaceRequest): Promise<Order> {
    return this.#place.run(request);
  }
}
