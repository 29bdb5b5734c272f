import type { ProductEventData } from '@tradewind/contracts';
import type { IndexDefinition } from '@tradewind/elastic';
import { sortKey } from '../sort-key.ts';

export const PRODUCTS_ALIAS = 'tradewind-products';

/** What a product can be found and sorted by; price and availability that a shopper sees are read from the inventory. */
export interface ProductDocument {
  readonly productId: string;
  readonly productKey: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: number;
  readonly currency: string;
  readonly version: number;
  readonly createdAt: string;
}

export const PRODUCT_FIELDS: Record<keyof ProductDocument, IndexDefinition['properties'][string]> = {
  productId: { type: 'keyword' },
  productKey: { type: 'keyword' },
  // The normalizer lets "apple" and "Apple" stand side by side in a list sorted by name.
  name: {
    type: 'text',
    analyzer: 'standard',
    fields: { sort: { type: 'keyword', normalizer: 'lowercase' } },
  },
  description: { type: 'text', analyzer: 'standard' },
  // The filter wants the whole value, the full text its words.
  category: { type: 'keyword', fields: { words: { type: 'text', analyzer: 'standard' } } },
  price: { type: 'long' },
  currency: { type: 'keyword' },
  version: { type: 'long' },
  createdAt: { type: 'date', format: 'strict_date_time' },
};

export function productDocument(product: ProductEventData): ProductDocument {
  const { productId, name, description, category, price, version, createdAt } = product;
  return {
    ...{ productId, name, description, category, version, createdAt },
    productKey: sortKey(productId),
    price: price.amount,
    currency: price.currency,
  };
}
