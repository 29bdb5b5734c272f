import type { AuditedOrder, OrderHistory, OrderPlacement, OrderSource, OutboxRow } from './audit-sources.ts';
import { lookUp, orderKeys, type ShardGroup, WANTED } from './lookup.ts';
import { type Reader, type Span, walk } from './walk.ts';

const ORDER = 'slot, order_id, user_id, status, version, currency, total, created_at, updated_at';
const ITEM = 'order_id, product_id, name, quantity';
/** What is decided and not carried out yet. */
const PENDING = 'order_id, action';
const prefixed = (columns: string): string => columns.replace(/\w+/g, 't.$&');
const BY_ORDER = 't.slot = wanted.slot AND t.order_id = wanted.id';

interface OrderRow {
  readonly slot: number;
  readonly order_id: string;
  readonly user_id: string;
  readonly status: string;
  readonly version: number;
  readonly currency: string;
  readonly total: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

interface ItemRow {
  readonly order_id: string;
  readonly product_id: string;
  readonly name: string;
  readonly quantity: number;
}

interface PendingRow {
  readonly order_id: string;
  readonly action: string;
}

/** Orders as the order shards hold them. */
export function orderSource(orders: ShardGroup, inventory: ShardGroup): OrderSource {
  const each = async function* <T>(tables: readonly string[], read: (reader: Reader, span: Span) => Promise<T>) {
    const walked = tables.map((table) => ({ table, id: table === 'idempotency' ? 'subject_id' : 'order_id' }));
    for (const shard of orders.shards.values()) yield* walk(shard, walked, read);
  };
  return {
    all: () => each(['orders'], readOrders),
    byId: (orderIds) => findOrders(orders, orderIds),
    histories: () => each(['orders', 'order_log'], readHistories),
    placements: () => each(['orders', 'idempotency'], readPlacements),
    copies: (orderIds) => countCopies(orders, orderIds),
    async *outbox() {
      for (const { shards } of [orders, inventory]) {
        for (const shard of shards.values())
          yield* walk(shard, [{ table: 'outbox', id: 'aggregate_id' }], (reader, span) =>
            readOutbox(reader, span, shard.name),
          );
      }
    },
  };
}

async function readOrders(reader: Reader, span: Span): Promise<AuditedOrder[]> {
  const { sql, values } = span.on('order_id');
  return assemble(
    await reader.rows<OrderRow>(`SELECT ${ORDER} FROM orders WHERE ${sql}`, values),
    await reader.rows<ItemRow>(`SELECT ${ITEM} FROM order_item WHERE ${sql} ORDER BY slot, order_id, line_no`, values),
    await reader.rows<PendingRow>(`SELECT ${PENDING} FROM tcc_resolution WHERE ${sql}`, values),
  );
}

async function findOrders(orders: ShardGroup, orderIds: readonly string[]): Promise<Map<string, AuditedOrder>> {
  const keys = orderKeys(orderIds);
  const find = <T>(table: string, columns: string): Promise<T[]> =>
    lookUp<T>(orders, keys, { columns: prefixed(columns), table, on: BY_ORDER });
  // The notes first: a decision that is carried out between two reads is then seen as pending still, not as a mistake.
  const pending = await find<PendingRow>('tcc_resolution', PENDING);
  const found = assemble(await find<OrderRow>('orders', ORDER), await find<ItemRow>('order_item', ITEM), pending);
  return new Map(found.map((order) => [order.orderId, order]));
}

function assemble(
  orders: readonly OrderRow[],
  items: readonly ItemRow[],
  pending: readonly PendingRow[],
): AuditedOrder[] {
  const itemsOf = Map.groupBy(items, (item) => item.order_id);
  const pendingOf = Map.groupBy(pending, (note) => note.order_id);
  return orders.map((row) => ({
    ...{ slot: row.slot, orderId: row.order_id, userId: row.user_id, status: row.status, version: row.version },
    ...{ currency: row.currency, total: BigInt(row.total), createdAt: row.created_at, updatedAt: row.updated_at },
    items: (itemsOf.get(row.order_id) ?? []).map(({ product_id, name, quantity }) => ({
      ...{ productId: product_id, name },
      quantity: BigInt(quantity),
    })),
    pending: (pendingOf.get(row.order_id) ?? []).map((note) => note.action),
  }));
}

async function readHistories(reader: Reader, span: Span): Promise<OrderHistory[]> {
  const { sql, values } = span.on('order_id');
  interface Row {
    readonly order_id: string;
    readonly version: number;
    readonly status: string;
  }
  const orders = await reader.rows<Row>(`SELECT order_id, version, status FROM orders WHERE ${sql}`, values);
  const log = await reader.rows<Row>(
    `SELECT order_id, version, status FROM order_log WHERE ${sql} ORDER BY slot, order_id, version, at`,
    values,
  );
  const orderOf = new Map(orders.map((row) => [row.order_id, row]));
  const logOf = Map.groupBy(log, (row) => row.order_id);
  return [...new Set([...orderOf.keys(), ...logOf.keys()])].map((orderId) => ({
    orderId,
    order: orderOf.get(orderId),
    log: logOf.get(orderId) ?? [],
  }));
}

/** A key that placed an order keeps the order as it was then, at version 1; keys of later changes keep later versions or other answers. */
const IS_PLACEMENT = "(CASE WHEN JSON_VALID(answer) THEN JSON_EXTRACT(answer, '$.version') END) = 1";

async function readPlacements(reader: Reader, span: Span): Promise<OrderPlacement[]> {
  const own = span.on('order_id');
  const orders = await reader.rows<{ order_id: string; user_id: string; status: string }>(
    `SELECT order_id, user_id, status FROM orders WHERE ${own.sql}`,
    own.values,
  );
  const named = span.on('subject_id');
  const keys = await reader.rows<{ subject_id: string; user_id: string; keys: string }>(
    `SELECT subject_id, user_id, COUNT(*) AS \`keys\` FROM idempotency WHERE ${named.sql} AND ${IS_PLACEMENT}
     GROUP BY slot, subject_id, user_id`,
    named.values,
  );
  const orderOf = new Map(orders.map((row) => [row.order_id, { status: row.status, userId: row.user_id }]));
  const keysOf = Map.groupBy(keys, (row) => row.subject_id);
  return [...new Set([...orderOf.keys(), ...keysOf.keys()])].map((orderId) => {
    const placed = keysOf.get(orderId) ?? [];
    return {
      ...{ orderId, order: orderOf.get(orderId) },
      keys: placed.reduce((sum, row) => sum + Number(row.keys), 0),
      keyUserIds: placed.map((row) => row.user_id),
    };
  });
}

async function countCopies(orders: ShardGroup, orderIds: readonly string[]): Promise<Map<string, number>> {
  const copies = new Map<string, number>();
  const keys = JSON.stringify(orderKeys(orderIds));
  for (const shard of orders.shards.values()) {
    const rows = await shard.read<{ id: string }>(
      `SELECT wanted.id FROM ${WANTED} STRAIGHT_JOIN orders t ON ${BY_ORDER} WHERE t.status <> 'VOID'`,
      [keys],
    );
    for (const { id } of rows) copies.set(id, (copies.get(id) ?? 0) + 1);
  }
  return copies;
}

async function readOutbox(reader: Reader, span: Span, shard: string): Promise<OutboxRow[]> {
  const { sql, values } = span.on('aggregate_id');
  const rows = await reader.rows<{
    aggregate_id: string;
    version: number;
    parked_reason: string | null;
    parked_at: Date | null;
  }>(`SELECT aggregate_id, version, parked_at, parked_reason FROM outbox WHERE ${sql}`, values);
  return rows.map((row) => ({
    ...{ shard, aggregateId: row.aggregate_id, version: row.version },
    parkedReason: row.parked_at === null ? null : (row.parked_reason ?? 'no reason given'),
  }));
}
