import { z } from 'zod';
import { id } from './id.ts';
import { pageOf, pageQuery, queryInt } from './list.ts';
import { moneySchema } from './money.ts';
import { quantity } from './product.ts';
import { instant, line } from './text.ts';

export const LINES_MOST = 100;

export const ORDER_STATUSES = [
  'PENDING_PAYMENT',
  'PAID',
  'SHIPPED',
  'DELIVERED',
  'COMPLETED',
  'CANCELLED',
  'REFUNDING',
  'REFUNDED',
] as const;
export const orderStatus = z.enum(ORDER_STATUSES).meta({ id: 'OrderStatus' });
export type OrderStatus = z.infer<typeof orderStatus>;

export const addressSchema = z
  .strictObject({
    name: line(100),
    line1: line(200),
    line2: line(200).optional(),
    city: line(100),
    postalCode: line(20),
    country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code'),
  })
  .meta({ id: 'Address' });
export type Address = z.infer<typeof addressSchema>;

export const orderItem = z.strictObject({ productId: id, quantity });
export type OrderItem = z.infer<typeof orderItem>;

/** Several items may name one product; they are summed before stock is taken. */
export const placeBody = z
  .strictObject({ items: z.array(orderItem).min(1).max(LINES_MOST), shippingAddress: addressSchema })
  .meta({ id: 'PlaceOrder' });
export type PlaceBody = z.infer<typeof placeBody>;

export const orderLine = z.strictObject({ productId: id, name: z.string(), quantity: z.int(), unitPrice: moneySchema });
export type OrderLine = z.infer<typeof orderLine>;

export const orderSchema = z
  .strictObject({
    orderId: id,
    userId: id,
    status: orderStatus,
    version: z.int().min(1),
    lines: z.array(orderLine),
    total: moneySchema,
    shippingAddress: addressSchema,
    createdAt: instant,
    updatedAt: instant,
    expiresAt: instant.optional().describe('until when an unpaid order waits for its payment'),
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof orderSchema>;

export const orderPage = pageOf(orderSchema).meta({ id: 'OrderPage' });
export const orderListQuery = z.strictObject({ status: orderStatus.optional(), ...pageQuery });

export const statusSchema = z
  .strictObject({ orderId: id, status: orderStatus, version: z.int().min(1) })
  .meta({ id: 'OrderStatusView' });
export type StatusView = z.infer<typeof statusSchema>;

export const historyItem = z
  .strictObject({
    version: z.int().min(1),
    status: orderStatus,
    at: instant,
    actor: z.string().describe('user:<id>, staff:<id> or system'),
    cause: z.string().describe('placed, paid, cancelled-by-shopper, payment-timeout, shipped, delivered'),
  })
  .meta({ id: 'OrderHistoryItem' });
export type HistoryItem = z.infer<typeof historyItem>;
export const historyPage = pageOf(historyItem).meta({ id: 'OrderHistory' });

export const paymentBody = z.strictObject({ method: z.literal('wallet') }).meta({ id: 'PayOrder' });
/** 201 when `state` is captured; 202 when it is unknown yet: repeat the call with the same Idempotency-Key. */
export const paymentAnswer = z
  .strictObject({
    orderId: id,
    state: z.enum(['captured', 'unknown']),
    amount: moneySchema,
    order: orderSchema.optional(),
  })
  .meta({ id: 'Payment' });
export type PaymentAnswer = z.infer<typeof paymentAnswer>;

export const emptyBody = z.strictObject({}).meta({ id: 'Empty' });

export const ORDER_SORTS = ['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'total', '-total'] as const;
export const adminOrderQuery = z.strictObject({
  q: z.string().trim().min(1).max(200).optional(),
  productId: id.optional(),
  userId: id.optional(),
  status: orderStatus.optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  minTotal: queryInt(0, 9_000_000_000_000_000).optional(),
  maxTotal: queryInt(0, 9_000_000_000_000_000).optional(),
  sort: z.enum(ORDER_SORTS).default('-createdAt'),
  ...pageQuery,
});

/** `missing`: ids that the search index knows and no shard holds, left out of `items`; absent when there is none. */
export const adminOrderPage = pageOf(orderSchema)
  .extend({ missing: z.array(id).optional() })
  .meta({ id: 'AdminOrderPage' });
export type AdminOrderPage = z.infer<typeof adminOrderPage>;
