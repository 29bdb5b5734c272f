import { cancelOrder, type Order } from '@tradewind/contracts';
import { slotOfId } from '@tradewind/ids';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { effectKey, OrderActions } from '../order-actions.ts';

/** Cancelling by the shopper: an order that waits gives its stock back, a paid one that has not left gives the money back too. */
@Controller()
export class CancelController {
  readonly #actions: OrderActions;

  constructor(@Inject(OrderActions) actions: OrderActions) {
    this.#actions = actions;
  }

  @Serves(cancelOrder)
  cancel(@CallBody(cancelOrder) request: z.output<typeof cancelOrder.request>): Promise<Order> {
    const { userId, orderId, idempotency, ifMatch } = request;
    const effect = effectKey(slotOfId(orderId), userId, idempotency);
    return this.#actions.once(effect, () =>
      this.#actions.change({ change: 'cancel', orderId, actor: `user:${userId}`, ownerId: userId, ifMatch, effect }),
    );
  }
}
