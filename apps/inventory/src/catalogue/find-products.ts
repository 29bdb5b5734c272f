import type { Product } from '@tradewind/contracts';
import type { Shard, Shards } from '@tradewind/mysql';
import { productSlot } from '@tradewind/sharding';
import { productOf } from '../product.row.ts';
import { type ProductKey, readProducts } from '../product.store.ts';
import { readAvailable } from '../stock.store.ts';

/** Reads products with what can be sold of them now, each from the one shard that its id names, shards side by side. */
export class FindProducts {
  readonly #shards: Shards;

  constructor(shards: Shards) {
    this.#shards = shards;
  }

  /** @returns in the order of the ids; an unknown one is left out */
  async byIds(ids: readonly string[]): Promise<Product[]> {
    const keys = [...new Set(ids)].map((productId) => ({ slot: productSlot(productId), productId }));
    const groups = this.#shards.group(keys, (key) => key.slot);
    const parts = await Promise.all(groups.map(({ shard, things }) => load(shard, things)));
    const found = new Map(parts.flat().map((product) => [product.productId, product]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }
}

async function load(shard: Shard, keys: readonly ProductKey[]): Promise<Product[]> {
  const [rows, available] = await Promise.all([readProducts(shard, keys), readAvailable(shard, keys)]);
  return rows.map((row) => productOf(row, available.get(row.productId) ?? 0));
}
