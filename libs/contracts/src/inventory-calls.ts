import { z } from 'zod';
import { BATCH_MOST, batchOf, defineCall, doneResult, idempotency, resultsOf } from './call.ts';
import { id } from './id.ts';
import { LINES_MOST } from './order.ts';
import { moneySchema } from './money.ts';
import { productBody, productSchema, receiptBody, receiptCreated } from './product.ts';
import { instant } from './text.ts';

const branchLine = z.strictObject({ productId: id, quantity: z.int().min(1) });

/** Freezes stock for an order: all its lines or none. `askAt`: when to ask the order service if nothing was heard. */
export const stockTry = z.strictObject({
  orderId: id,
  askAt: instant,
  lines: z.array(branchLine).min(1).max(LINES_MOST).describe('each product once'),
});
export type StockTry = z.infer<typeof stockTry>;

export const stockTried = z.object({
  ok: z.literal(true),
  lines: z.array(z.object({ productId: id, name: z.string(), unitPrice: moneySchema })),
});

/** Ends a tried branch (`confirm`, `cancel`) or takes units back into stock after a confirm (`return`). */
export const resolveAction = z.enum(['confirm', 'cancel', 'return']);
export type ResolveAction = z.infer<typeof resolveAction>;

export const stockResolution = z.strictObject({
  orderId: id,
  action: resolveAction,
  lines: z.array(branchLine).min(1).max(LINES_MOST),
});
export type StockResolution = z.infer<typeof stockResolution>;

export const tryStock = defineCall('/internal/stock/tries', batchOf(stockTry), resultsOf(stockTried));
export const resolveStock = defineCall('/internal/stock/resolutions', batchOf(stockResolution), resultsOf(doneResult));

/** Products by id, in the order asked for; an unknown one is left out. */
export const productsByIds = defineCall(
  '/internal/products/by-ids',
  z.strictObject({ ids: z.array(id).max(BATCH_MOST) }),
  z.object({ items: z.array(productSchema) }),
);
export const createProduct = defineCall(
  '/internal/products/creation',
  z.strictObject({ staffId: id, body: productBody, idempotency: idempotency.optional() }),
  productSchema,
);
export const changeProduct = defineCall(
  '/internal/products/change',
  z.strictObject({ productId: id, body: productBody, ifMatch: z.int().optional() }),
  productSchema,
);
export const receiveStock = defineCall(
  '/internal/stock/receipts',
  z.strictObject({ staffId: id, productId: id, body: receiptBody, idempotency: idempotency.optional() }),
  receiptCreated,
);
