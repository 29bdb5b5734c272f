import { productSlot } from '@tradewind/sharding';
import type { AuditedOrder, StockBranch, StockSheet, StockSource } from './audit-sources.ts';
import { type LookupKey, lookUp, type ShardGroup } from './lookup.ts';
import { type Reader, type Span, walk } from './walk.ts';

const BRANCH = 'order_id, product_id, quantity, phase, ask_at';

interface BranchRow {
  readonly order_id: string;
  readonly product_id: string;
  readonly quantity: number;
  readonly phase: string;
  readonly ask_at: Date | null;
}

/** Stock as the inventory shards hold it. */
export function stockSource(inventory: ShardGroup): StockSource {
  return {
    async *sheets() {
      const tables = ['stock', 'stock_receipt', 'stock_branch'].map((table) => ({ table, id: 'product_id' }));
      for (const shard of inventory.shards.values()) yield* walk(shard, tables, readSheets);
    },
    async *branches() {
      for (const shard of inventory.shards.values()) {
        yield* walk(shard, [{ table: 'stock_branch', id: 'order_id' }], async (reader, span) => {
          const { sql, values } = span.on('order_id');
          return (await reader.rows<BranchRow>(`SELECT ${BRANCH} FROM stock_branch WHERE ${sql}`, values)).map(
            toBranch,
          );
        });
      }
    },
    async branchesOf(orders) {
      const rows = await lookUp<BranchRow>(inventory, orders.flatMap(branchKeys), {
        columns: BRANCH.replace(/\w+/g, 't.$&'),
        table: 'stock_branch',
        on: 't.slot = wanted.slot AND t.order_id = wanted.id AND t.product_id = wanted.id2',
      });
      return rows.map(toBranch);
    },
  };
}

function branchKeys({ orderId, items }: AuditedOrder): LookupKey[] {
  const products = new Set(items.map((item) => item.productId));
  return [...products].map((productId) => [productSlot(productId), orderId, productId]);
}

async function readSheets(reader: Reader, span: Span): Promise<StockSheet[]> {
  const { sql, values } = span.on('product_id');
  const stocks = await reader.rows<{ product_id: string; on_hand: string; available: string; frozen: string }>(
    `SELECT product_id, on_hand, available, frozen FROM stock WHERE ${sql}`,
    values,
  );
  const receipts = await reader.rows<{ product_id: string; units: string }>(
    `SELECT product_id, SUM(quantity) AS units FROM stock_receipt WHERE ${sql} GROUP BY product_id`,
    values,
  );
  const branches = await reader.rows<{ product_id: string; phase: string; units: string }>(
    `SELECT product_id, phase, SUM(quantity) AS units FROM stock_branch
     WHERE ${sql} AND phase IN ('tried', 'confirmed') GROUP BY product_id, phase`,
    values,
  );
  const stockOf = new Map(stocks.map((row) => [row.product_id, row]));
  const receivedOf = new Map(receipts.map((row) => [row.product_id, BigInt(row.units)]));
  const unitsOf = new Map(branches.map((row) => [`${row.phase} ${row.product_id}`, BigInt(row.units)]));
  const products = new Set([...stocks, ...receipts, ...branches].map((row) => row.product_id));
  return [...products].map((productId) => {
    const row = stockOf.get(productId);
    return {
      productId,
      stock: row && { onHand: BigInt(row.on_hand), available: BigInt(row.available), frozen: BigInt(row.frozen) },
      received: receivedOf.get(productId) ?? 0n,
      tried: unitsOf.get(`tried ${productId}`) ?? 0n,
      confirmed: unitsOf.get(`confirmed ${productId}`) ?? 0n,
    };
  });
}

function toBranch(row: BranchRow): StockBranch {
  const { order_id, product_id, quantity, phase, ask_at } = row;
  return { orderId: order_id, productId: product_id, quantity: BigInt(quantity), phase, askAt: ask_at };
}
