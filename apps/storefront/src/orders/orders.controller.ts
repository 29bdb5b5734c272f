import {
  cancelOrder,
  getOrder,
  getOrderHistory,
  getOrderStatus,
  id,
  listOrders,
  payOrder,
  placeOrder,
} from '@tradewind/contracts';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Downstream, ORDER } from '../downstream.ts';
import { Cursors } from '../paging/cursors.ts';
import { type Asked, AskedOf } from '../requests/asked.ts';
import { etagOf } from '../requests/etag.ts';
import { Route } from '../requests/route.ts';

/** An order id stays what it is; a day is more than anybody pauses between two pages. */
const CURSOR_MS = 24 * 3600 * 1000;

/** A shopper's own orders. The user id comes from the token and goes along with each call, so another's order is none. */
@Controller()
export class OrdersController {
  readonly #order: Downstream;
  readonly #cursors: Cursors;

  constructor(@Inject(ORDER) order: Downstream, @Inject(Cursors) cursors: Cursors) {
    this.#order = order;
    this.#cursors = cursors;
  }

  @Route('placeOrder')
  async place(@AskedOf('placeOrder') asked: Asked<'placeOrder'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const { caller, idempotency, body } = asked;
    const order = await this.#order.change(placeOrder, { userId: caller.userId, idempotency, body });
    reply.header('location', `/v1/orders/${order.orderId}`).header('etag', etagOf(order.version));
    return order;
  }

  @Route('listOrders')
  async list(@AskedOf('listOrders') { caller: { userId }, query }: Asked<'listOrders'>) {
    const { status, limit, cursor } = query;
    const scope = { list: 'orders', userId, filters: { status } };
    const before = cursor === undefined ? undefined : this.#cursors.open(scope, cursor, id);
    const { items } = await this.#order.read(listOrders, { userId, status, before, limit: limit + 1 });
    const page = items.slice(0, limit);
    const last = items.length > limit ? page.at(-1) : undefined;
    return { items: page, nextCursor: last ? this.#cursors.seal(scope, last.orderId, CURSOR_MS) : null };
  }

  @Route('getOrder')
  async show(
    @AskedOf('getOrder') { caller, path }: Asked<'getOrder'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const order = await this.#order.read(getOrder, { userId: caller.userId, orderId: path.id });
    reply.header('etag', etagOf(order.version));
    return order;
  }

  @Route('getOrderStatus')
  async status(
    @AskedOf('getOrderStatus') { caller, path }: Asked<'getOrderStatus'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const status = await this.#order.read(getOrderStatus, { userId: caller.userId, orderId: path.id });
    reply.header('etag', etagOf(status.version));
    return status;
  }

  @Route('getOrderHistory')
  async history(@AskedOf('getOrderHistory') { caller, path }: Asked<'getOrderHistory'>) {
    const { items } = await this.#order.read(getOrderHistory, { userId: caller.userId, orderId: path.id });
    return { items, nextCursor: null };
  }

  /** 202 is an answer, not a failure: the money may be frozen or moved already, and only a repeat can tell. */
  @Route('payOrder')
  async pay(@AskedOf('payOrder') asked: Asked<'payOrder'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const { caller, path, idempotency, ifMatch } = asked;
    const payment = await this.#order.change(payOrder, {
      userId: caller.userId,
      orderId: path.id,
      idempotency,
      ifMatch,
    });
    reply.header('location', `/v1/orders/${path.id}`);
    if (payment.order) reply.header('etag', etagOf(payment.order.version));
    if (payment.state === 'unknown') reply.status(202).header('retry-after', '1');
    return payment;
  }

  @Route('cancelOrder')
  async cancel(@AskedOf('cancelOrder') asked: Asked<'cancelOrder'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const { caller, path, idempotency, ifMatch } = asked;
    const order = await this.#order.change(cancelOrder, {
      userId: caller.userId,
      orderId: path.id,
      idempotency,
      ifMatch,
    });
    reply.header('location', `/v1/orders/${path.id}`).header('etag', etagOf(order.version));
    return order;
  }
}
