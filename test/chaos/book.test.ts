import { expect, test } from 'vitest';
import { type OrderView } from '../wire/shop.ts';
import { type Book, settle } from './book.ts';
import type { Client } from './client.ts';

const ONE_LOOK_MS = -1;
const EUR = 'EUR';

/** What the shop says; each field can be made to differ from what its client was told. */
interface Shop {
  orders: OrderView[];
  causes: string[];
  balance: number;
  frozen: number;
  available: number;
}

function order(status: string, orderId = '1'): OrderView {
  const lines = [{ productId: '7', name: 'Kettle', quantity: 2, unitPrice: { amount: 500, currency: EUR } }];
  const total = { amount: 1000, currency: EUR };
  return { orderId, userId: '2', status, version: 2, lines, total, createdAt: '', updatedAt: '' };
}

/** One paid order of one client, as it should be. */
function paidShop(): Shop {
  return { orders: [order('PAID')], causes: ['placed', 'paid'], balance: 4000, frozen: 0, available: 8 };
}

function bookOn(shop: Shop): Book {
  const answers: [RegExp, () => unknown][] = [
    [/history$/, () => ({ items: shop.causes.map((cause) => ({ status: '', cause })) })],
    [/^\/v1\/orders\?/, () => ({ items: shop.orders, nextCursor: null })],
    [/^\/v1\/wallet/, () => ({ balance: { amount: shop.balance }, frozen: { amount: shop.frozen } })],
    [/^\/v1\/products/, () => ({ available: shop.available })],
  ];
  const read = async (path: string) => answers.find(([pattern]) => pattern.test(path))?.[1]();
  const entry = { order: order('PENDING_PAYMENT'), payments: new Map([['k', 'captured']]), cancellations: new Map() };
  const client = { read } as unknown as Client;
  return { name: 'Ada', client, deposited: 5000, orders: new Map([['1', entry]]), contradictions: [] };
}

async function complaintsAbout(change: (shop: Shop, book: Book) => void): Promise<string> {
  const shop = paidShop();
  const book = bookOn(shop);
  change(shop, book);
  return (await settle([book], [{ productId: '7', received: 10 }], ONE_LOOK_MS)).join('; ');
}

test('a shop that agrees with its clients is well', async () => {
  expect(await complaintsAbout(() => {})).toBe('');
});

test.each<[string, (shop: Shop, book: Book) => void, string]>([
  ['a lost order', (shop) => (shop.orders = []), 'order 1 is lost'],
  ['an order that was refused', (shop) => shop.orders.push(order('CANCELLED', '9')), 'nobody was told of it'],
  ['a coin', (shop) => (shop.balance -= 1), 'the wallet holds 3999'],
  ['frozen money', (shop) => (shop.frozen = 1), '1 are frozen'],
  ['a unit of stock', (shop) => (shop.available -= 1), '7 available, not 8'],
  ['a payment undone', (shop) => (shop.orders = [order('CANCELLED')]), 'told that it is paid'],
  ['an order that waits for ever', (shop) => (shop.orders = [order('PENDING_PAYMENT')]), 'still waits'],
  ['two payments', (_, book) => book.orders.get('1')!.payments.set('l', 'captured'), '2 payments were told'],
  ['a payment refused', (_, book) => book.orders.get('1')!.payments.set('k', 'x'), 'every payment was refused'],
  [
    'a cancellation',
    (_, book) => book.orders.get('1')!.cancellations.set('c', 'cancelled'),
    'told that it is cancelled',
  ],
  ['a contradiction', (_, book) => book.contradictions.push('two answers'), 'two answers'],
])('%s is seen', async (_, change, complaint) => {
  expect(await complaintsAbout(change)).toContain(complaint);
});

test('a payment that was given back must be in the history, and only then', async () => {
  const cancel = (shop: Shop, book: Book): void => {
    Object.assign(shop, { orders: [order('CANCELLED')], balance: 5000, available: 10 });
    book.orders.get('1')!.cancellations.set('c', 'cancelled');
  };
  expect(await complaintsAbout(cancel)).toBe('');
  const unpaid = (shop: Shop, book: Book): void => (cancel(shop, book), void (shop.causes = ['placed']));
  expect(await complaintsAbout(unpaid)).toContain('its history says paid: false');
});
