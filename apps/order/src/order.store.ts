import { ORDER_EVENT_TYPES, type Order, type ResolveAction } from '@tradewind/contracts';
import { duplicateKey, insertOutbox, marks, type SqlValue, type Tx } from '@tradewind/mysql';
import type { OutboxEvent } from '@tradewind/outbox';
import { currentTrace, formatTraceparent } from '@tradewind/telemetry';
import { changed, type ChangeName, CHANGES, type StoredOrder } from './order.ts';
import { VOID } from './order.reads.ts';

/** What is decided for an order and still to be told to the participants. */
export interface Resolution {
  readonly slot: number;
  readonly orderId: string;
  readonly userId: string;
  readonly version: number;
  readonly action: ResolveAction;
  readonly payAttempt: number | null;
  readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
}

/** Another writer changed the order between our reading and our writing. Nothing was written. */
export class RaceLost extends Error {
  override readonly name = 'RaceLost';
}

/** The id was promised away (see VOID) before the order could be inserted. Nothing was written. */
export class OrderVoided extends Error {
  override readonly name = 'OrderVoided';
}

/** Who changes an order: `user:<id>`, `staff:<id>` or `system`. */
export type Actor = `user:${string}` | `staff:${string}` | 'system';

/**
 * Inserts a new order with its items, its first log entry and its event.
 * @throws OrderVoided
 */
export async function insertOrder(tx: Tx, { slot, order, payAttempt }: StoredOrder): Promise<OutboxEvent> {
  try {
    await tx.run(
      `INSERT INTO orders (slot, order_id, user_id, status, version, pay_attempt, currency, total, address, created_at, updated_at, expires_at)
       VALUES ${marks(1, 12)}`,
      [
        ...[slot, order.orderId, order.userId, order.status, order.version, payAttempt],
        ...[order.total.currency, order.total.amount, JSON.stringify(order.shippingAddress)],
        ...[new Date(order.createdAt), new Date(order.updatedAt), dateOrNull(order.expiresAt)],
      ],
    );
  } catch (error) {
    if (duplicateKey(error) !== undefined) throw new OrderVoided();
    throw error;
  }
  await tx.run(
    `INSERT INTO order_item (slot, order_id, line_no, product_id, name, quantity, unit_price) VALUES ${marks(order.lines.length, 7)}`,
    order.lines.flatMap((line, index): SqlValue[] => [
      ...[slot, order.orderId, index + 1],
      ...[line.productId, line.name, line.quantity, line.unitPrice.amount],
    ]),
  );
  await insertLog(tx, slot, order, { actor: `user:${order.userId}`, cause: 'placed' });
  return emit(tx, slot, order, ORDER_EVENT_TYPES.placed);
}

/**
 * Changes an order's status by compare-and-set on (status, version, payment attempt), with its log entry, its event and the note of what
 * the participants have still to be told. The commit of this transaction is the decision.
 * @throws RaceLost
 */
export async function changeOrder(
  tx: Tx,
  stored: StoredOrder,
  change: ChangeName,
  by: { actor: Actor; at: Date },
): Promise<{ order: Order; event: OutboxEvent; resolution: Resolution | undefined }> {
  const { slot, payAttempt } = stored;
  const order = changed(stored.order, change, by.at);
  const { status, version, orderId } = stored.order;
  const hit = await tx.run(
    `UPDATE orders SET status = ?, version = ?, updated_at = ?, expires_at = NULL
     WHERE slot = ? AND order_id = ? AND status = ? AND version = ? AND pay_attempt = ?`,
    [order.status, order.version, by.at, slot, orderId, status, version, payAttempt],
  );
  if (hit !== 1) throw new RaceLost();
  await insertLog(tx, slot, order, { actor: by.actor, cause: CHANGES[change].cause });
  const event = await emit(tx, slot, order, CHANGES[change].event);
  const action = CHANGES[change].from[status];
  if (!action) return { order, event, resolution: undefined };
  const resolution: Resolution = {
    ...{ slot, orderId, userId: order.userId, version: order.version, action },
    payAttempt: action === 'cancel' ? null : payAttempt,
    lines: order.lines.map(({ productId, quantity }) => ({ productId, quantity })),
  };
  await insertResolution(tx, resolution, by.at);
  return { order, event, resolution };
}

async function insertLog(
  tx: Tx,
  slot: number,
  order: Order,
  { actor, cause }: { actor: Actor; cause: string },
): Promise<void> {
  await tx.run(
    `INSERT INTO order_log (slot, order_id, version, at, status, actor, cause, trace_id) VALUES ${marks(1, 8)}`,
    [
      slot,
      order.orderId,
      order.version,
      new Date(order.updatedAt),
      order.status,
      actor,
      cause,
      currentTrace()?.traceId ?? null,
    ],
  );
}

async function emit(tx: Tx, slot: number, order: Order, type: string): Promise<OutboxEvent> {
  const trace = currentTrace();
  const event: OutboxEvent = {
    ...{ slot, aggregateId: order.orderId, version: order.version, type },
    payload: JSON.stringify(order),
    traceparent: trace ? formatTraceparent(trace) : null,
    createdAt: new Date(order.updatedAt),
  };
  await insertOutbox(tx, [event]);
  return event;
}

async function insertResolution(
  tx: Tx,
  { slot, orderId, version, action, payAttempt }: Resolution,
  at: Date,
): Promise<void> {
  await tx.run(
    `INSERT INTO tcc_resolution (slot, order_id, version, action, pay_attempt, created_at) VALUES ${marks(1, 6)}`,
    [slot, orderId, version, action, payAttempt, at],
  );
}

/** @returns true when the id is void now: it was free, or void before. False when an order bears it. */
export async function voidOrder(tx: Tx, slot: number, orderId: string, at: Date): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO orders (slot, order_id, user_id, status, version, pay_attempt, currency, total, address, created_at, updated_at, expires_at)
     VALUES (?, ?, 0, '${VOID}', 0, 0, 'XXX', 0, '', ?, ?, NULL) ON DUPLICATE KEY UPDATE slot = slot`,
    [slot, orderId, at, at],
  );
  if (inserted === 1) return true;
  const [row] = await tx.rows<{ status: string }>('SELECT status FROM orders WHERE slot = ? AND order_id = ?', [
    slot,
    orderId,
  ]);
  return row?.status === VOID;
}

/** Closes a payment attempt that is not decided: it can never win from here on. @returns whether this call closed it */
export async function closeAttempt(tx: Tx, slot: number, orderId: string, attempt: number): Promise<boolean> {
  const hit = await tx.run(
    `UPDATE orders SET pay_attempt = pay_attempt + 1 WHERE slot = ? AND order_id = ? AND status = 'PENDING_PAYMENT' AND pay_attempt = ?`,
    [slot, orderId, attempt],
  );
  return hit === 1;
}

function dateOrNull(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text);
}
