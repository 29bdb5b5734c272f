import { z } from 'zod';
import { BATCH_MOST, batchOf, defineCall, idempotency, resultsOf } from './call.ts';
import { id } from './id.ts';
import { LIMIT_MOST } from './list.ts';
import { historyItem, orderSchema, orderStatus, paymentAnswer, placeBody, statusSchema } from './order.ts';
import { instant } from './text.ts';

/** Whose order, and the version that the client believes it has (`If-Match`), if it said so. */
const ownOrder = { userId: id, orderId: id };
const ifMatch = z.int().min(1).optional();

export const placeOrder = defineCall(
  '/internal/orders/placement',
  z.strictObject({ userId: id, idempotency, body: placeBody }),
  orderSchema,
);
export const payOrder = defineCall(
  '/internal/orders/payment',
  z.strictObject({ ...ownOrder, idempotency, ifMatch }),
  paymentAnswer,
);
export const cancelOrder = defineCall(
  '/internal/orders/cancellation',
  z.strictObject({ ...ownOrder, idempotency, ifMatch }),
  orderSchema,
);
export const getOrder = defineCall('/internal/orders/view', z.strictObject(ownOrder), orderSchema);
export const getOrderStatus = defineCall('/internal/orders/status', z.strictObject(ownOrder), statusSchema);
export const getOrderHistory = defineCall(
  '/internal/orders/history',
  z.strictObject(ownOrder),
  z.object({ items: z.array(historyItem) }),
);
/** A user's orders, newest first; `before` is the last order id of the page before. */
export const listOrders = defineCall(
  '/internal/orders/list',
  z.strictObject({
    userId: id,
    status: orderStatus.optional(),
    before: id.optional(),
    limit: z
      .int()
      .min(1)
      .max(LIMIT_MOST + 1),
  }),
  z.object({ items: z.array(orderSchema) }),
);
/** Any users' orders by id, in the order asked for; an unknown one is left out. For staff's lists. */
export const ordersByIds = defineCall(
  '/internal/orders/by-ids',
  z.strictObject({ ids: z.array(id).max(BATCH_MOST) }),
  z.object({ items: z.array(orderSchema) }),
);

const staffChange = z.strictObject({ orderId: id, staffId: id, idempotency: idempotency.optional(), ifMatch });
export const shipOrder = defineCall('/internal/orders/shipment', staffChange, orderSchema);
export const deliverOrder = defineCall('/internal/orders/delivery', staffChange, orderSchema);

/**
 * A participant whose branch heard nothing until its `askAt` asks what was decided. The asking itself settles an open question: an
 * order that was never inserted is voided, a payment attempt that was not decided is closed, so `cancel` stays true for ever.
 */
export const decisionAsk = z.discriminatedUnion('participant', [
  z.strictObject({ participant: z.literal('stock'), orderId: id }),
  z.strictObject({ participant: z.literal('payment'), orderId: id, attempt: z.int().min(0) }),
]);
export type DecisionAsk = z.infer<typeof decisionAsk>;

export const decisionAnswer = z.object({
  ok: z.literal(true),
  decision: z.enum(['confirm', 'cancel', 'wait']),
  /** With `wait`: when to ask again. */
  askAt: instant.optional(),
});
export type DecisionAnswer = z.infer<typeof decisionAnswer>;

export const askDecisions = defineCall('/internal/orders/decisions', batchOf(decisionAsk), resultsOf(decisionAnswer));
