import { type AdminOrderPage, deliverOrder, ordersByIds, searchOrders, shipOrder } from '@tradewind/contracts';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Downstream, ORDER, SEARCH } from '../downstream.ts';
import { Cursors } from '../paging/cursors.ts';
import { searchedPage } from '../paging/searched-list.ts';
import { type Asked, AskedOf } from '../requests/asked.ts';
import { etagOf } from '../requests/etag.ts';
import { Route } from '../requests/route.ts';

/** Orders of all shoppers: the index finds them across all shards, the rows come from the shards themselves. */
@Controller()
export class AdminOrdersController {
  readonly #order: Downstream;
  readonly #search: Downstream;
  readonly #cursors: Cursors;

  constructor(@Inject(ORDER) order: Downstream, @Inject(SEARCH) search: Downstream, @Inject(Cursors) cursors: Cursors) {
    this.#order = order;
    this.#search = search;
    this.#cursors = cursors;
  }

  @Route('listAllOrders')
  async list(@AskedOf('listAllOrders') { caller, query }: Asked<'listAllOrders'>): Promise<AdminOrderPage> {
    const { cursor, limit, ...filters } = query;
    const scope = { list: 'admin-orders', userId: caller.userId, filters };
    const { ids, nextCursor } = await searchedPage(this.#cursors, scope, cursor, (mark) =>
      this.#search.read(searchOrders, { ...filters, limit, mark }),
    );
    const { items } = ids.length === 0 ? { items: [] } : await this.#order.read(ordersByIds, { ids });
    const found = new Set(items.map((order) => order.orderId));
    const missing = ids.filter((each) => !found.has(each));
    return { items, nextCursor, ...(missing.length > 0 && { missing }) };
  }

  @Route('shipOrder')
  async ship(@AskedOf('shipOrder') asked: Asked<'shipOrder'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const { caller, path, idempotency, ifMatch } = asked;
    const order = await this.#order.change(shipOrder, {
      orderId: path.id,
      staffId: caller.userId,
      idempotency,
      ifMatch,
    });
    reply.header('location', `/v1/admin/orders/${path.id}/shipments`).header('etag', etagOf(order.version));
    return order;
  }

  @Route('deliverOrder')
  async deliver(
    @AskedOf('deliverOrder') asked: Asked<'deliverOrder'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { caller, path, idempotency, ifMatch } = asked;
    const order = await this.#order.change(deliverOrder, {
      orderId: path.id,
      staffId: caller.userId,
      idempotency,
      ifMatch,
    });
    reply.header('location', `/v1/admin/orders/${path.id}/deliveries`).header('etag', etagOf(order.version));
    return order;
  }
}
