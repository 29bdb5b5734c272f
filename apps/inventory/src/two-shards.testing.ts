import { fileURLToPath } from 'node:url';
import type { Shard, Shards } from '@tradewind/mysql';
import { type TwoShards, twoShards as openTwoShards } from '@tradewind/mysql/testing';
import { productSlot } from '@tradewind/sharding';
import { ProductRow } from './product.row.ts';
import { orderedLines } from './stock.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../deploy/sql/inventory', import.meta.url));

export type { TwoShards } from '@tradewind/mysql/testing';

/** Two shards of this service's schema, side by side. */
export const twoShards = (): Promise<TwoShards> => openTwoShards('inventory', MIGRATIONS, [ProductRow]);

let last = 0;

/** @returns an id that no test has used, whose product lies on shard `on` (0 or 1) */
export function freshId(on = 0): string {
  for (;;) {
    last += 1;
    const id = String(5_000_000_000_000_000_000n + BigInt(last));
    if (productSlot(id) % 2 === on) return id;
  }
}

/** Puts a product with so many units on hand straight into the tables. */
export async function stockProduct(shards: Shards, productId: string, units: number): Promise<string> {
  const slot = productSlot(productId);
  const { shard } = shards.at(slot);
  const at = new Date(0);
  await shard.transaction(async (tx) => {
    await tx.run(
      `INSERT INTO product (slot, product_id, name, description, category, price, currency, version, created_at, updated_at)
       VALUES (?, ?, ?, '', 'things', 1999, 'EUR', 1, ?, ?)`,
      [slot, productId, `Product ${productId}`, at, at],
    );
    await tx.run(
      'INSERT INTO stock (slot, product_id, on_hand, available, frozen, version) VALUES (?, ?, ?, ?, 0, 1)',
      [...[slot, productId], ...[units, units]],
    );
  });
  return productId;
}

export interface StockRow {
  readonly onHand: number;
  readonly available: number;
  readonly frozen: number;
}

export async function stockOf(shards: Shards, productId: string): Promise<StockRow> {
  const slot = productSlot(productId);
  const [row] = await shards
    .at(slot)
    .shard.read<Record<string, string>>(
      'SELECT on_hand, available, frozen FROM stock WHERE slot = ? AND product_id = ?',
      [slot, productId],
    );
  return { onHand: Number(row!['on_hand']), available: Number(row!['available']), frozen: Number(row!['frozen']) };
}

/** @returns product id to phase of an order's branches on all shards */
export async function phasesOf(shards: Shards, orderId: string): Promise<Record<string, string>> {
  const rows = await Promise.all(
    shards
      .all()
      .map((shard: Shard) =>
        shard.read<{ product_id: string; phase: string }>(
          'SELECT product_id, phase FROM stock_branch WHERE order_id = CAST(? AS UNSIGNED)',
          [orderId],
        ),
      ),
  );
  return Object.fromEntries(rows.flat().map((row) => [row.product_id, row.phase]));
}

export function lineOf(productId: string, quantity = 1) {
  return orderedLines([{ productId, quantity }])[0]!;
}
