import { z } from 'zod';
import { id } from './id.ts';
import { moneySchema } from './money.ts';
import { orderSchema } from './order.ts';
import { instant } from './text.ts';

/**
 * Events are CloudEvents 1.0 in Kafka's binary mode: the attributes are headers (`ce_id` = `<aggregate id>:<version>`), the value is
 * the aggregate's whole state after the change, the key is its id. Consumers judge old and new by `version`; schemas only ever grow.
 */
export const ORDERS_TOPIC = 'tradewind.orders.v1';
export const PRODUCTS_TOPIC = 'tradewind.products.v1';
/** Partitions bound how many consumers share the work; the key's hash fixes an order's partition, so this number is final. */
export const TOPIC_PARTITIONS = 8;

export const ORDER_EVENT_TYPES = {
  placed: 'tradewind.order.placed.v1',
  paid: 'tradewind.order.paid.v1',
  cancelled: 'tradewind.order.cancelled.v1',
  shipped: 'tradewind.order.shipped.v1',
  delivered: 'tradewind.order.delivered.v1',
} as const;
export const PRODUCT_CHANGED = 'tradewind.product.changed.v1';

export const orderEventData = orderSchema;
export type OrderEventData = z.infer<typeof orderEventData>;

export const productEventData = z.strictObject({
  productId: id,
  name: z.string(),
  description: z.string(),
  category: z.string(),
  price: moneySchema,
  version: z.int().min(1),
  createdAt: instant,
  updatedAt: instant,
});
export type ProductEventData = z.infer<typeof productEventData>;
