import { PRODUCT_CHANGED, type ProductBody } from '@tradewind/contracts';
import { insertOutbox, type Shard, type Tx } from '@tradewind/mysql';
import type { OutboxEvent } from '@tradewind/outbox';
import type { Slot } from '@tradewind/sharding';
import { currentTrace, formatTraceparent } from '@tradewind/telemetry';
import { eventDataOf, ProductRow } from './product.row.ts';
import { insertStock } from './stock.store.ts';

export interface ProductKey {
  readonly slot: Slot;
  readonly productId: string;
}

/**
 * Makes a product with its empty stock row and its first event; a product that is there already stays as it is.
 * @returns the event to hand over after the commit; undefined when there was nothing to do
 */
export async function insertProduct(
  tx: Tx,
  key: ProductKey,
  body: ProductBody,
  at: Date,
): Promise<OutboxEvent | undefined> {
  const inserted = await tx.run(
    `INSERT INTO product (slot, product_id, name, description, category, price, currency, version, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?) ON DUPLICATE KEY UPDATE product_id = product_id`,
    [
      key.slot,
      key.productId,
      body.name,
      body.description,
      body.category,
      body.price.amount,
      body.price.currency,
      at,
      at,
    ],
  );
  if (inserted === 0) return undefined;
  await insertStock(tx, key);
  const { name, description, category, price } = body;
  return emit(tx, {
    ...key,
    ...{ name, description, category, version: 1 },
    ...{ price: String(price.amount), currency: price.currency, createdAt: at, updatedAt: at },
  });
}

/**
 * Changes a product. The row's lock gives out the versions, so that version n + 1 commits after n.
 * @param ifMatch the version that it must have; undefined: any
 * @returns the changed row and its event; undefined when there is no such product, or none of that version
 */
export async function updateProduct(
  tx: Tx,
  { slot, productId, ifMatch, at }: ProductKey & { ifMatch: number | undefined; at: Date },
  { name, description, category, price }: ProductBody,
): Promise<{ row: ProductRow; event: OutboxEvent } | undefined> {
  const changed = await tx.run(
    `UPDATE product SET name = ?, description = ?, category = ?, price = ?, currency = ?, version = version + 1, updated_at = ?
     WHERE slot = ? AND product_id = ?${ifMatch === undefined ? '' : ' AND version = ?'}`,
    [
      ...[name, description, category, price.amount, price.currency, at],
      ...[slot, productId],
      ...(ifMatch === undefined ? [] : [ifMatch]),
    ],
  );
  if (changed === 0) return undefined;
  const row = (await readProduct(tx, { slot, productId }))!;
  return { row, event: await emit(tx, row) };
}

export async function readProduct(
  tx: Pick<Tx, 'rows'>,
  { slot, productId }: ProductKey,
): Promise<ProductRow | undefined> {
  const [row] = await tx.rows<ProductRow>(
    `SELECT slot, product_id AS productId, name, description, category, price, currency, version,
            created_at AS createdAt, updated_at AS updatedAt
     FROM product WHERE slot = ? AND product_id = ?`,
    [slot, productId],
  );
  return row;
}

/** @returns the products of these keys, in no order; unknown ones are left out */
export function readProducts(shard: Shard, keys: readonly ProductKey[]): Promise<ProductRow[]> {
  return shard.entities((manager) =>
    manager.find(ProductRow, { where: keys.map(({ slot, productId }) => ({ slot, productId })) }),
  );
}

async function emit(tx: Tx, row: ProductRow): Promise<OutboxEvent> {
  const trace = currentTrace();
  const event: OutboxEvent = {
    slot: row.slot,
    aggregateId: row.productId,
    version: row.version,
    type: PRODUCT_CHANGED,
    payload: JSON.stringify(eventDataOf(row)),
    traceparent: trace === undefined ? null : formatTraceparent(trace),
    createdAt: row.updatedAt,
  };
  await insertOutbox(tx, [event]);
  return event;
}
