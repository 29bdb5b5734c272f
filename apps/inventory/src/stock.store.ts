import type { Shard, Tx } from '@tradewind/mysql';
import type { Action } from '@tradewind/tcc';
import { EFFECTS, type Line } from './stock.ts';

/**
 * Rows looked up by their keys: one parameter, so that one prepared text serves every number of lines, and a join from this side, so
 * that both servers seek exactly these keys.
 */
export const WANTED =
  "JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY, slot SMALLINT UNSIGNED PATH '$[0]', id BIGINT UNSIGNED PATH '$[1]')) AS wanted";

/** Makes the empty stock row of a new product. */
export async function insertStock(tx: Tx, { slot, productId }: Pick<Line, 'slot' | 'productId'>): Promise<void> {
  await tx.run('INSERT INTO stock (slot, product_id, on_hand, available, frozen, version) VALUES (?, ?, 0, 0, 0, 1)', [
    slot,
    productId,
  ]);
}

/** @param onHandMost the receipt is refused when it would lift on_hand above. @returns whether it fitted and the product exists */
export async function receiveUnits(tx: Tx, { slot, productId, quantity }: Line, onHandMost: number): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE stock SET on_hand = on_hand + ?, available = available + ?, version = version + 1
     WHERE slot = ? AND product_id = ? AND on_hand + ? <= ?`,
    [quantity, quantity, slot, productId, quantity, onHandMost],
  );
  return changed === 1;
}

export async function insertReceipt(
  tx: Tx,
  line: Line,
  receipt: { receiptId: string; staffId: string; at: Date },
): Promise<void> {
  await tx.run(
    'INSERT INTO stock_receipt (slot, product_id, receipt_id, quantity, staff_id, at) VALUES (?, ?, ?, ?, ?, ?)',
    [...[line.slot, line.productId, receipt.receiptId], ...[line.quantity, receipt.staffId, receipt.at]],
  );
}

/** @returns undefined when there is no such product */
export async function readStock(
  tx: Pick<Tx, 'rows'>,
  { slot, productId }: Pick<Line, 'slot' | 'productId'>,
): Promise<{ onHand: number; available: number } | undefined> {
  const [row] = await tx.rows<{ on_hand: string; available: string }>(
    'SELECT on_hand, available FROM stock WHERE slot = ? AND product_id = ?',
    [slot, productId],
  );
  return row && { onHand: Number(row.on_hand), available: Number(row.available) };
}

/** @returns what can be sold of each product, by its id; unknown ones are left out */
export async function readAvailable(
  shard: Shard,
  keys: readonly Pick<Line, 'slot' | 'productId'>[],
): Promise<Map<string, number>> {
  const rows = await shard.read<{ productId: string; available: string }>(
    `SELECT product_id AS productId, available FROM ${WANTED}
     STRAIGHT_JOIN stock ON stock.slot = wanted.slot AND stock.product_id = wanted.id`,
    [keysOf(keys)],
  );
  return new Map(rows.map((row) => [row.productId, Number(row.available)]));
}

/** @returns false when the row has too little of what the action takes away */
export async function applyEffect(tx: Tx, { slot, productId, quantity }: Line, action: Action): Promise<boolean> {
  const { onHand, available, frozen } = EFFECTS[action];
  const changed = await tx.run(
    `UPDATE stock SET on_hand = on_hand + ?, available = available + ?, frozen = frozen + ?, version = version + 1
     WHERE slot = ? AND product_id = ? AND available >= ? AND frozen >= ?`,
    [
      ...[onHand * quantity, available * quantity, frozen * quantity],
      ...[slot, productId],
      ...[available < 0 ? quantity : 0, frozen < 0 ? quantity : 0],
    ],
  );
  return changed === 1;
}

export function keysOf(lines: readonly Pick<Line, 'slot' | 'productId'>[]): string {
  return JSON.stringify(lines.map(({ slot, productId }) => [slot, productId]));
}
