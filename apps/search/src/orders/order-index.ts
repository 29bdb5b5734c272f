import type { OrderEventData } from '@tradewind/contracts';
import type { IndexDefinition } from '@tradewind/elastic';
import { sortKey } from '../sort-key.ts';

export const ORDERS_ALIAS = 'tradewind-orders';

/** What an order can be found and sorted by; the order itself is read from its shard. */
export interface OrderDocument {
  readonly orderId: string;
  readonly orderKey: string;
  readonly userId: string;
  readonly status: string;
  readonly version: number;
  readonly productIds: readonly string[];
  readonly names: readonly string[];
  readonly total: number;
  readonly currency: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export const ORDER_FIELDS: Record<keyof OrderDocument, IndexDefinition['properties'][string]> = {
  orderId: { type: 'keyword' },
  orderKey: { type: 'keyword' },
  userId: { type: 'keyword' },
  status: { type: 'keyword' },
  version: { type: 'long' },
  productIds: { type: 'keyword' },
  names: { type: 'text', analyzer: 'standard' },
  total: { type: 'long' },
  currency: { type: 'keyword' },
  createdAt: { type: 'date', format: 'strict_date_time' },
  updatedAt: { type: 'date', format: 'strict_date_time' },
};

export function orderDocument(order: OrderEventData): OrderDocument {
  const { orderId, userId, status, version, lines, total, createdAt, updatedAt } = order;
  return {
    ...{ orderId, userId, status, version, createdAt, updatedAt },
    orderKey: sortKey(orderId),
    productIds: [...new Set(lines.map((line) => line.productId))],
    names: [...new Set(lines.map((line) => line.name))],
    total: total.amount,
    currency: total.currency,
  };
}
