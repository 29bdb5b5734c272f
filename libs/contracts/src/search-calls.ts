import { z } from 'zod';
import { defineCall } from './call.ts';
import { id } from './id.ts';
import { LIMIT_MOST } from './list.ts';
import { ORDER_SORTS, orderStatus } from './order.ts';
import { PRODUCT_SORTS } from './product.ts';

/**
 * Where a page ended: the point in time it was read at and the sort values of its last hit. Opaque outside the search service;
 * the storefront signs it into its cursor.
 */
export const searchMark = z.strictObject({
  pit: z.string().max(1500),
  after: z.array(z.union([z.string(), z.number(), z.null()])).max(4),
});
export type SearchMark = z.infer<typeof searchMark>;

const page = { limit: z.int().min(1).max(LIMIT_MOST), mark: searchMark.optional() };
const found = z.object({ ids: z.array(id), next: searchMark.nullable() });

export const searchOrders = defineCall(
  '/internal/search/orders',
  z.strictObject({
    q: z.string().optional(),
    productId: id.optional(),
    userId: id.optional(),
    status: orderStatus.optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    minTotal: z.int().optional(),
    maxTotal: z.int().optional(),
    sort: z.enum(ORDER_SORTS),
    ...page,
  }),
  found,
);
export const searchProducts = defineCall(
  '/internal/search/products',
  z.strictObject({
    q: z.string().optional(),
    category: z.string().optional(),
    minPrice: z.int().optional(),
    maxPrice: z.int().optional(),
    sort: z.enum(PRODUCT_SORTS).optional().describe('absent: by relevance with q, else newest first'),
    ...page,
  }),
  found,
);
