import { changeProduct, createProduct, type Product, productsByIds } from '@tradewind/contracts';
import { CallBody, Serves } from '@tradewind/nest';
import { Controller, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { ChangeProduct } from './change-product.ts';
import { CreateProduct } from './create-product.ts';
import { FindProducts } from './find-products.ts';

@Controller()
export class CatalogueController {
  readonly #create: CreateProduct;
  readonly #change: ChangeProduct;
  readonly #find: FindProducts;

  constructor(
    @Inject(CreateProduct) create: CreateProduct,
    @Inject(ChangeProduct) change: ChangeProduct,
    @Inject(FindProducts) find: FindProducts,
  ) {
    this.#create = create;
    this.#change = change;
    this.#find = find;
  }

  @Serves(createProduct)
  create(@CallBody(createProduct) request: z.output<typeof createProduct.request>): Promise<Product> {
    return this.#create.run(request);
  }

  @Serves(changeProduct)
  change(@CallBody(changeProduct) request: z.output<typeof changeProduct.request>): Promise<Product> {
    return this.#change.run(request);
  }

  @Serves(productsByIds)
  async byIds(@CallBody(productsByIds) { ids }: z.output<typeof productsByIds.request>): Promise<{ items: Product[] }> {
    return { items: await this.#find.byIds(ids) };
  }
}
