import {
  ORDER_EVENT_TYPES,
  type Order,
  type OrderItem,
  type OrderLine,
  type OrderStatus,
  type ResolveAction,
} from '@tradewind/contracts';
import { type ProblemCode, Refusal } from '@tradewind/errors';
import { type Money, money, multiply, sum } from '@tradewind/money';

/** An order as its shard holds it: what clients see, and the number of the payment attempt that may still win. */
export interface StoredOrder {
  readonly slot: number;
  readonly order: Order;
  readonly payAttempt: number;
}

export type ChangeName = 'pay' | 'cancel' | 'expire' | 'ship' | 'deliver';

interface ChangeRule {
  /** From which status, and what the participants are then told (null: nothing). */
  readonly from: Partial<Record<OrderStatus, ResolveAction | null>>;
  readonly to: OrderStatus;
  readonly cause: string;
  readonly event: string;
  readonly refusal: ProblemCode;
}

/** The life of an order. This table is the only place that knows which change leads from where to where. */
export const CHANGES: Record<ChangeName, ChangeRule> = {
  pay: {
    from: { PENDING_PAYMENT: 'confirm' },
    to: 'PAID',
    cause: 'paid',
    event: ORDER_EVENT_TYPES.paid,
    refusal: 'order-not-payable',
  },
  cancel: {
    from: { PENDING_PAYMENT: 'cancel', PAID: 'return' },
    to: 'CANCELLED',
    cause: 'cancelled-by-shopper',
    event: ORDER_EVENT_TYPES.cancelled,
    refusal: 'order-not-cancellable',
  },
  expire: {
    from: { PENDING_PAYMENT: 'cancel' },
    to: 'CANCELLED',
    cause: 'payment-timeout',
    event: ORDER_EVENT_TYPES.cancelled,
    refusal: 'order-not-cancellable',
  },
  ship: {
    from: { PAID: null },
    to: 'SHIPPED',
    cause: 'shipped',
    event: ORDER_EVENT_TYPES.shipped,
    refusal: 'transition-refused',
  },
  deliver: {
    from: { SHIPPED: null },
    to: 'DELIVERED',
    cause: 'delivered',
    event: ORDER_EVENT_TYPES.delivered,
    refusal: 'transition-refused',
  },
};

/** True for an order that waits although its time to be paid is over. */
export function isOverdue({ expiresAt }: Order, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now;
}

/** @throws Refusal with the change's own code when the order's status does not allow it */
export function requireAllowed(change: ChangeName, order: Order, now: number): void {
  const rule = CHANGES[change];
  const late = change === 'pay' && isOverdue(order, now);
  if (rule.from[order.status] !== undefined && !late) return;
  const detail = late ? 'the time to pay this order is over' : `the order is ${order.status}`;
  throw new Refusal(rule.refusal, { detail, orderStatus: order.status });
}

/** @returns the order after `change`; the caller has checked that it is allowed. */
export function changed(order: Order, change: ChangeName, at: Date): Order {
  const { expiresAt: _over, ...rest } = order;
  return { ...rest, status: CHANGES[change].to, version: order.version + 1, updatedAt: at.toISOString() };
}

/** Two lines of a cart that name one product take its stock once, for their sum (D4); sorted, so that locks are taken in one order. */
export function summedItems(items: readonly OrderItem[]): OrderItem[] {
  const quantities = new Map<string, number>();
  for (const item of items) quantities.set(item.productId, (quantities.get(item.productId) ?? 0) + item.quantity);
  return [...quantities]
    .map(([productId, quantity]) => ({ productId, quantity }))
    .sort((a, b) => (BigInt(a.productId) < BigInt(b.productId) ? -1 : 1));
}

/**
 * @param priced name and price of each product, as the freezing of its stock answered
 * @returns the lines, in the order of `items`, and their total
 * @throws Refusal `currency-mixed`
 */
export function priceLines(
  items: readonly OrderItem[],
  priced: readonly { productId: string; name: string; unitPrice: Money }[],
): { lines: OrderLine[]; total: Money } {
  const byId = new Map(priced.map((each) => [each.productId, each]));
  const lines = items.map(({ productId, quantity }) => {
    const { name, unitPrice } = byId.get(productId) ?? missing(productId);
    return { productId, name, quantity, unitPrice };
  });
  const currency = lines[0]?.unitPrice.currency ?? 'EUR';
  if (lines.some((line) => line.unitPrice.currency !== currency)) throw new Refusal('currency-mixed');
  return {
    lines,
    total: sum(
      lines.map((line) => multiply(line.unitPrice, line.quantity)),
      currency,
    ),
  };
}

function missing(productId: string): never {
  throw new Error(`the try answered no price for product ${productId}`);
}

/** A new order at version 1. @param waitMs how long it may stay unpaid */
export function newOrder(
  parts: Pick<Order, 'orderId' | 'userId' | 'lines' | 'total' | 'shippingAddress'>,
  at: Date,
  waitMs: number,
): Order {
  return {
    ...parts,
    total: money(parts.total.amount, parts.total.currency),
    status: 'PENDING_PAYMENT',
    version: 1,
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
    expiresAt: new Date(at.getTime() + waitMs).toISOString(),
  };
}
