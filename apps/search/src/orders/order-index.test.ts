import type { OrderEventData } from '@tradewind/contracts';
import { expect, it } from 'vitest';
import { ORDER_FIELDS, orderDocument } from './order-index.ts';

const price = { amount: 1999, currency: 'EUR' } as const;
const order: OrderEventData = {
  orderId: '251234567890123456',
  userId: '7',
  status: 'PAID',
  version: 2,
  lines: [
    { productId: '11', name: 'Blue mug', quantity: 2, unitPrice: price },
    { productId: '12', name: 'Red mug', quantity: 1, unitPrice: price },
    { productId: '11', name: 'Blue mug', quantity: 1, unitPrice: price },
  ],
  total: { amount: 7996, currency: 'EUR' },
  shippingAddress: { name: 'Ann', line1: 'Quay 1', city: 'Hamburg', postalCode: '20457', country: 'DE' },
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:01.000Z',
};

it('keeps of an order what it is found and sorted by, each product once', () => {
  expect(orderDocument(order)).toEqual({
    orderId: '251234567890123456',
    orderKey: '0251234567890123456',
    userId: '7',
    status: 'PAID',
    version: 2,
    productIds: ['11', '12'],
    names: ['Blue mug', 'Red mug'],
    total: 7996,
    currency: 'EUR',
    createdAt: '2026-01-31T12:00:00.000Z',
    updatedAt: '2026-01-31T12:00:01.000Z',
  });
});

it('has exactly the fields of the strict mapping: one too many would send every event to the dead letters', () => {
  expect(Object.keys(orderDocument(order)).sort()).toEqual(Object.keys(ORDER_FIELDS).sort());
});

it('keeps the largest id to the last digit, which a JSON number would round', () => {
  const most = { ...order, orderId: '9223372036854775807' };
  expect(JSON.parse(JSON.stringify(orderDocument(most)))).toMatchObject({
    orderId: '9223372036854775807',
    orderKey: '9223372036854775807',
  });
});
