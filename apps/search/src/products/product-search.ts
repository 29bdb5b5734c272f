import { searchProducts } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import type { Found, SearchPages } from '../search-pages.ts';
import { productQueries, type ProductSearchRequest, productSort } from './product-query.ts';

/** Finds products by words, category and price; what is shown of them is then read by id. */
export class ProductSearch {
  readonly #pages: SearchPages;
  readonly #alias: string;

  constructor(pages: SearchPages, alias: string) {
    this.#pages = pages;
    this.#alias = alias;
  }

  /** @throws Refusal `cursor-invalid`, `unavailable` */
  async find(request: ProductSearchRequest): Promise<Found> {
    const { limit, mark } = request;
    return this.#pages.find({
      ...{ alias: this.#alias, limit, mark },
      queries: productQueries(request),
      sort: productSort(request),
    });
  }
}

@Controller()
export class ProductSearchController {
  readonly #products: ProductSearch;

  constructor(@Inject(ProductSearch) products: ProductSearch) {
    this.#products = products;
  }

  @Serves(searchProducts)
  search(@CallBody(searchProducts) request: ProductSearchRequest): Promise<Found> {
    return this.#products.find(request);
  }
}
