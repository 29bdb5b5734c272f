import { type ResolveAction, resolvePayments, resolveStock } from '@tradewind/contracts';
import type { ServiceClient } from '@tradewind/http';
import { marks, type Shard, type Shards } from '@tradewind/mysql';
import type { ResolverPorts } from '@tradewind/tcc';
import type { Resolution } from '../order.store.ts';

interface ResolutionRow {
  readonly slot: number;
  readonly order_id: string;
  readonly user_id: string;
  readonly version: number;
  readonly action: ResolveAction;
  readonly pay_attempt: number | null;
}

/** What the resolver of one shard's decisions works on: the notes in `tcc_resolution`, and the two participants. */
export function resolutionPorts(
  shard: Shard,
  shards: Shards,
  participants: { inventory: ServiceClient; payment: ServiceClient },
  duty: { isHeld(): boolean },
): ResolverPorts<Resolution> {
  return {
    key: (resolution) => resolution.orderId,
    pending: (before, limit, after) => pending(shard, { before, limit, after }),
    carryOut: (resolution) => carryOut(participants, resolution),
    remove: (resolution) => remove(shards, resolution),
    sweeps: () => duty.isHeld(),
  };
}

/** Tells both participants side by side, so that one that is away does not hold up the other. */
async function carryOut(
  { inventory, payment }: { inventory: ServiceClient; payment: ServiceClient },
  { orderId, userId, action, payAttempt, lines }: Resolution,
): Promise<void> {
  const told = [inventory.call(resolveStock, { items: [{ orderId, action, lines: [...lines] }] })];
  if (payAttempt !== null)
    told.push(payment.call(resolvePayments, { items: [{ orderId, userId, attempt: payAttempt, action }] }));
  for (const answer of await Promise.allSettled(told)) {
    if (answer.status === 'rejected') throw answer.reason;
    const refused = answer.value.results.find((result) => !result.ok);
    if (refused && !refused.ok)
      throw new Error(`refused to ${action} ${orderId}: ${refused.code} ${refused.detail ?? ''}`);
  }
}

async function pending(
  shard: Shard,
  { before, limit, after }: { before: Date; limit: number; after: Resolution | undefined },
): Promise<Resolution[]> {
  const { slot, orderId, version } = after ?? { slot: -1, orderId: '0', version: 0 };
  const rows = await shard.read<ResolutionRow>(
    `SELECT r.slot, r.order_id, o.user_id, r.version, r.action, r.pay_attempt
     FROM tcc_resolution r JOIN orders o ON o.slot = r.slot AND o.order_id = r.order_id
     WHERE r.created_at < ? AND r.slot >= ? AND (r.slot > ? OR r.order_id > CAST(? AS UNSIGNED) OR (r.order_id = CAST(? AS UNSIGNED) AND r.version > ?))
     ORDER BY r.slot, r.order_id, r.version LIMIT ${Math.trunc(limit)}`,
    [before, slot, slot, orderId, orderId, version],
  );
  if (rows.length === 0) return [];
  const items = await shard.read<{ order_id: string; product_id: string; quantity: number }>(
    `SELECT order_id, product_id, quantity FROM order_item WHERE (slot, order_id) IN (${marks(rows.length, 2)}) ORDER BY order_id, line_no`,
    rows.flatMap((row) => [row.slot, row.order_id]),
  );
  const byOrder = Map.groupBy(items, (item) => item.order_id);
  return rows.map((row) => ({
    ...{ slot: row.slot, orderId: row.order_id, userId: row.user_id, version: row.version, action: row.action },
    payAttempt: row.pay_attempt,
    lines: (byOrder.get(row.order_id) ?? []).map((item) => ({ productId: item.product_id, quantity: item.quantity })),
  }));
}

/** By slot, not by the shard it was read from: the slot may have moved since. */
async function remove(shards: Shards, { slot, orderId, version }: Resolution): Promise<void> {
  await shards
    .at(slot)
    .shard.transaction((tx) =>
      tx.run('DELETE FROM tcc_resolution WHERE slot = ? AND order_id = ? AND version = ?', [slot, orderId, version]),
    );
}
