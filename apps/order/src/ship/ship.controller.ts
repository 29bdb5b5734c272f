import { deliverOrder, type Order, shipOrder } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { changeEffect, OrderActions } from '../order-actions.ts';

type StaffRequest = z.output<typeof shipOrder.request>;

/** What staff report about the parcel. */
@Controller()
export class ShipController {
  readonly #actions: OrderActions;

  constructor(@Inject(OrderActions) actions: OrderActions) {
    this.#actions = actions;
  }

  @Serves(shipOrder)
  ship(@CallBody(shipOrder) request: StaffRequest): Promise<Order> {
    return this.#change('ship', request);
  }

  @Serves(deliverOrder)
  deliver(@CallBody(deliverOrder) request: StaffRequest): Promise<Order> {
    return this.#change('deliver', request);
  }

  #change(change: 'ship' | 'deliver', { orderId, staffId, idempotency, ifMatch }: StaffRequest): Promise<Order> {
    const effect = changeEffect(orderId, staffId, idempotency);
    const work = (): Promise<Order> =>
      this.#actions.change({ change, orderId, actor: `staff:${staffId}`, ifMatch, effect });
    return effect ? this.#actions.once(effect, work) : work();
  }
}
