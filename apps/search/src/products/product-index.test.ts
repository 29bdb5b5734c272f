import type { ProductEventData } from '@tradewind/contracts';
import { expect, it } from 'vitest';
import { PRODUCT_FIELDS, productDocument } from './product-index.ts';

const product: ProductEventData = {
  productId: '42',
  name: 'Blue mug',
  description: 'Holds tea',
  category: 'Kitchen',
  price: { amount: 1299, currency: 'EUR' },
  version: 3,
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-02-01T12:00:00.000Z',
};

it('keeps of a product what it is found and sorted by', () => {
  expect(productDocument(product)).toEqual({
    productId: '42',
    productKey: '0000000000000000042',
    name: 'Blue mug',
    description: 'Holds tea',
    category: 'Kitchen',
    price: 1299,
    currency: 'EUR',
    version: 3,
    createdAt: '2026-01-31T12:00:00.000Z',
  });
});

it('has exactly the fields of the strict mapping', () => {
  expect(Object.keys(productDocument(product)).sort()).toEqual(Object.keys(PRODUCT_FIELDS).sort());
});
