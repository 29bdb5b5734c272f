import { productsByIds, searchProducts } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Downstream, INVENTORY, SEARCH } from '../downstream.ts';
import { Cursors } from '../paging/cursors.ts';
import { searchedPage } from '../paging/searched-list.ts';
import { type Asked, AskedOf } from '../requests/asked.ts';
import { etagOf } from '../requests/etag.ts';
import { Route } from '../requests/route.ts';

/** The catalogue: the index finds, the inventory's own rows are shown, so price and availability are of this moment. */
@Controller()
export class ProductsController {
  readonly #inventory: Downstream;
  readonly #search: Downstream;
  readonly #cursors: Cursors;

  constructor(
    @Inject(INVENTORY) inventory: Downstream,
    @Inject(SEARCH) search: Downstream,
    @Inject(Cursors) cursors: Cursors,
  ) {
    this.#inventory = inventory;
    this.#search = search;
    this.#cursors = cursors;
  }

  @Route('listProducts')
  async list(@AskedOf('listProducts') { query }: Asked<'listProducts'>) {
    const { cursor, limit, ...filters } = query;
    const scope = { list: 'products', userId: '', filters };
    const { ids, nextCursor } = await searchedPage(this.#cursors, scope, cursor, (mark) =>
      this.#search.read(searchProducts, { ...filters, limit, mark }),
    );
    const { items } = ids.length === 0 ? { items: [] } : await this.#inventory.read(productsByIds, { ids });
    return { items, nextCursor };
  }

  @Route('getProduct')
  async show(@AskedOf('getProduct') { path }: Asked<'getProduct'>, @Res({ passthrough: true }) reply: FastifyReply) {
    const { items } = await this.#inventory.read(productsByIds, { ids: [path.id] });
    const [product] = items;
    if (product === undefined) throw new Refusal('not-found');
    reply.header('etag', etagOf(product.version));
    return product;
  }
}
