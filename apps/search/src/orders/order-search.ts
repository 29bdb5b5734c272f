import { searchOrders } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import type { Found, SearchPages } from '../search-pages.ts';
import { orderQuery, type OrderSearchRequest, orderSort } from './order-query.ts';

/** Finds orders of all shards by what the index knows of them; their rows are then read by id. */
export class OrderSearch {
  readonly #pages: SearchPages;
  readonly #alias: string;

  constructor(pages: SearchPages, alias: string) {
    this.#pages = pages;
    this.#alias = alias;
  }

  /** @throws Refusal `cursor-invalid`, `unavailable`, `validation` */
  async find(request: OrderSearchRequest): Promise<Found> {
    const { sort, limit, mark } = request;
    return this.#pages.find({
      ...{ alias: this.#alias, limit, mark },
      queries: [orderQuery(request)],
      sort: orderSort(sort),
    });
  }
}

@Controller()
export class OrderSearchController {
  readonly #orders: OrderSearch;

  constructor(@Inject(OrderSearch) orders: OrderSearch) {
    this.#orders = orders;
  }

  @Serves(searchOrders)
  search(@CallBody(searchOrders) request: OrderSearchRequest): Promise<Found> {
    return this.#orders.find(request);
  }
}
