import type { Address, HistoryItem, Order, OrderStatus, StatusView } from '@tradewind/contracts';
import { slotOfId } from '@tradewind/ids';
import { type Currency, money } from '@tradewind/money';
import type { Shard, Shards } from '@tradewind/mysql';
import { orderSlot } from '@tradewind/sharding';
import { type EntityManager, In, LessThan, Not } from 'typeorm';
import type { StoredOrder } from './order.ts';
import { OrderItemRow, OrderLogRow, OrderRow } from './order.row.ts';

/** What an order id that was promised away is kept as; no order, shown to nobody. */
export const VOID = 'VOID';

/** Reads orders, each from the one shard that its id or its user names. */
export class OrderReads {
  readonly #shards: Shards;

  constructor(shards: Shards) {
    this.#shards = shards;
  }

  /** @returns undefined for an id that never became an order. */
  async find(orderId: string): Promise<StoredOrder | undefined> {
    const { shard } = this.#shards.at(slotOfId(orderId));
    const [found] = await load(shard, slotOfId(orderId), [orderId]);
    return found;
  }

  /** Orders by id, in the order asked for; unknown ones are left out. Shards are asked side by side. */
  async findMany(orderIds: readonly string[]): Promise<Order[]> {
    const groups = this.#shards.group(orderIds, slotOfId);
    const parts = await Promise.all(
      groups.map(({ shard, things }) => shard.entities((manager) => loadMixed(manager, things))),
    );
    const byId = new Map(parts.flat().map((stored) => [stored.order.orderId, stored.order]));
    return orderIds.flatMap((id) => byId.get(id) ?? []);
  }

  /** A user's orders, newest first: ids rise with time, so the id is the sort key. */
  async list(
    userId: string,
    { status, before, limit }: { status?: OrderStatus | undefined; before?: string | undefined; limit: number },
  ): Promise<Order[]> {
    const slot = orderSlot(userId);
    return this.#shards.at(slot).shard.entities(async (manager) => {
      const rows = await manager.find(OrderRow, {
        where: {
          slot,
          userId,
          status: status ?? Not(VOID),
          ...(before !== undefined && { orderId: LessThan(before) }),
        },
        order: { orderId: 'DESC' },
        take: limit,
      });
      return (await withItems(manager, rows)).map((stored) => stored.order);
    });
  }

  /** The cheapest question: one row by its primary key, one prepared statement. */
  async status(userId: string, orderId: string): Promise<StatusView | undefined> {
    const slot = slotOfId(orderId);
    const [row] = await this.#shards
      .at(slot)
      .shard.read<{ status: OrderStatus; version: number }>(
        `SELECT status, version FROM orders WHERE slot = ? AND order_id = ? AND user_id = ? AND status <> '${VOID}'`,
        [slot, orderId, userId],
      );
    return row && { orderId, ...row };
  }

  async history(orderId: string): Promise<HistoryItem[]> {
    const slot = slotOfId(orderId);
    return this.#shards.at(slot).shard.entities(async (manager) => {
      const rows = await manager.find(OrderLogRow, { where: { slot, orderId }, order: { version: 'ASC' } });
      return rows.map(({ version, status, at, actor, cause }) => ({
        version,
        status: status as OrderStatus,
        at: at.toISOString(),
        actor,
        cause,
      }));
    });
  }
}

function load(shard: Shard, slot: number, orderIds: readonly string[]): Promise<StoredOrder[]> {
  return shard.entities(async (manager) =>
    withItems(
      manager,
      await manager.find(OrderRow, { where: { slot, orderId: In([...orderIds]), status: Not(VOID) } }),
    ),
  );
}

/** Ids of several slots of one shard, found by their full keys. */
async function loadMixed(manager: EntityManager, orderIds: readonly string[]): Promise<StoredOrder[]> {
  const keys = orderIds.map((orderId) => ({ slot: slotOfId(orderId), orderId, status: Not(VOID) }));
  return withItems(manager, await manager.find(OrderRow, { where: keys }));
}

async function withItems(manager: EntityManager, rows: readonly OrderRow[]): Promise<StoredOrder[]> {
  if (rows.length === 0) return [];
  const keys = rows.map(({ slot, orderId }) => ({ slot, orderId }));
  const items = await manager.find(OrderItemRow, { where: keys, order: { orderId: 'ASC', lineNo: 'ASC' } });
  const byOrder = Map.groupBy(items, (item) => item.orderId);
  return rows.map((row) => toStored(row, byOrder.get(row.orderId) ?? []));
}

function toStored(row: OrderRow, items: readonly OrderItemRow[]): StoredOrder {
  const currency = row.currency as Currency;
  const order: Order = {
    orderId: row.orderId,
    userId: row.userId,
    status: row.status as OrderStatus,
    version: row.version,
    lines: items.map(({ productId, name, quantity, unitPrice }) => ({
      productId,
      name,
      quantity,
      unitPrice: money(Number(unitPrice), currency),
    })),
    total: money(Number(row.total), currency),
    shippingAddress: JSON.parse(row.address) as Address,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...(row.expiresAt !== null && { expiresAt: row.expiresAt.toISOString() }),
  };
  return { slot: row.slot, order, payAttempt: row.payAttempt };
}
