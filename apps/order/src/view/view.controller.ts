import {
  getOrder,
  getOrderHistory,
  getOrderStatus,
  type HistoryItem,
  listOrders,
  type Order,
  ordersByIds,
  type StatusView,
} from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { OrderActions } from '../order-actions.ts';

interface OwnOrder {
  readonly userId: string;
  readonly orderId: string;
}

/** Reading orders. Another user's order and one that never was answer alike. */
@Controller()
export class ViewController {
  readonly #actions: OrderActions;

  constructor(@Inject(OrderActions) actions: OrderActions) {
    this.#actions = actions;
  }

  @Serves(getOrder)
  async view(@CallBody(getOrder) { userId, orderId }: OwnOrder): Promise<Order> {
    return (await this.#actions.require(orderId, userId)).order;
  }

  @Serves(getOrderStatus)
  async status(@CallBody(getOrderStatus) { userId, orderId }: OwnOrder): Promise<StatusView> {
    const found = await this.#actions.reads.status(userId, orderId);
    if (found === undefined) throw new Refusal('not-found');
    return found;
  }

  @Serves(getOrderHistory)
  async history(@CallBody(getOrderHistory) { userId, orderId }: OwnOrder): Promise<{ items: HistoryItem[] }> {
    await this.#actions.require(orderId, userId);
    return { items: await this.#actions.reads.history(orderId) };
  }

  @Serves(listOrders)
  async list(
    @CallBody(listOrders) { userId, ...page }: z.output<typeof listOrders.request>,
  ): Promise<{ items: Order[] }> {
    return { items: await this.#actions.reads.list(userId, page) };
  }

  @Serves(ordersByIds)
  async byIds(@CallBody(ordersByIds) { ids }: { ids: string[] }): Promise<{ items: Order[] }> {
    return { items: await this.#actions.reads.findMany(ids) };
  }
}
