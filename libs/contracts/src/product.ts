import { z } from 'zod';
import { id } from './id.ts';
import { pageOf, pageQuery, queryInt } from './list.ts';
import { moneySchema, priceSchema } from './money.ts';
import { line, paragraph } from './text.ts';

export const QUANTITY_MOST = 10_000;
export const RECEIPT_MOST = 1_000_000;
/** The most units of one product that the shop may hold: keeps every stock column far from its type's bound. */
export const ON_HAND_MOST = 1_000_000_000;

export const quantity = z.int().min(1).max(QUANTITY_MOST);

export const productSchema = z
  .strictObject({
    productId: id,
    name: z.string(),
    description: z.string(),
    category: z.string(),
    price: moneySchema,
    available: z.int().min(0),
    version: z.int().min(1),
  })
  .meta({ id: 'Product' });
export type Product = z.infer<typeof productSchema>;

const productFields = {
  name: line(200),
  description: paragraph(5000).default(''),
  category: line(60),
  price: priceSchema,
};
export const productBody = z.strictObject(productFields).meta({ id: 'ProductBody' });
export type ProductBody = z.infer<typeof productBody>;

export const receiptBody = z.strictObject({ quantity: z.int().min(1).max(RECEIPT_MOST) }).meta({ id: 'StockReceipt' });
export const receiptCreated = z
  .strictObject({ receiptId: id, productId: id, quantity: z.int(), onHand: z.int(), available: z.int() })
  .meta({ id: 'StockReceiptCreated' });

export const PRODUCT_SORTS = ['name', '-name', 'price', '-price', 'createdAt', '-createdAt'] as const;
export const productQuery = z.strictObject({
  q: z.string().trim().min(1).max(200).optional(),
  category: z.string().min(1).max(60).optional(),
  minPrice: queryInt(0, 1_000_000_000).optional(),
  maxPrice: queryInt(0, 1_000_000_000).optional(),
  sort: z.enum(PRODUCT_SORTS).optional(),
  ...pageQuery,
});
export const productPage = pageOf(productSchema).meta({ id: 'ProductPage' });
