import type { Product, ProductBody } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import { requireSlots } from '@tradewind/mysql';
import { productSlot } from '@tradewind/sharding';
import { productOf } from '../product.row.ts';
import { readProduct, updateProduct } from '../product.store.ts';
import { readStock } from '../stock.store.ts';
import type { CatalogueParts } from './create-product.ts';

/** Replaces what the catalogue says about a product. */
export class ChangeProduct {
  readonly #parts: Omit<CatalogueParts, 'ids'>;

  constructor(parts: Omit<CatalogueParts, 'ids'>) {
    this.#parts = parts;
  }

  /** @throws Refusal `not-found`, `version-stale` when the product is not of version `ifMatch` */
  async run({
    productId,
    body,
    ifMatch,
  }: {
    productId: string;
    body: ProductBody;
    ifMatch?: number | undefined;
  }): Promise<Product> {
    const slot = productSlot(productId);
    const { shard, epoch } = this.#parts.shards.at(slot);
    const at = new Date(this.#parts.clock.now());
    const { event, product } = await shard.transaction(async (tx) => {
      await requireSlots(tx, [slot], epoch);
      const changed = await updateProduct(tx, { slot, productId, ifMatch, at }, body);
      if (changed === undefined) {
        throw new Refusal((await readProduct(tx, { slot, productId })) === undefined ? 'not-found' : 'version-stale');
      }
      const stock = await readStock(tx, { slot, productId });
      return { event: changed.event, product: productOf(changed.row, stock?.available ?? 0) };
    });
    this.#parts.handOver(shard.name, event);
    return product;
  }
}
