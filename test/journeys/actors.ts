import { randomUUID } from 'node:crypto';
import { type OrderView, type ProductView, type Shop, unexpected } from '../wire/shop.ts';
import { stockArticle } from '../story/cast.ts';
import type { System } from './system.ts';

/** A shopper nobody has met before. @param cents what the wallet starts with */
export async function newShopper({ nobody }: System, cents = 100_000): Promise<Shop> {
  const shopper = await nobody.enter(`${randomUUID()}@tradewind.example`, 'correct horse', 'Journey Shopper');
  if (cents > 0) await shopper.deposit(cents);
  return shopper;
}

/** A product nobody has bought before. */
export async function newProduct(
  { staff }: System,
  stock: number,
  cents = 1999,
  name = `Journey Kettle ${randomUUID().slice(0, 8)}`,
): Promise<ProductView> {
  const article = {
    name,
    description: 'For journeys.',
    category: 'kitchen',
    price: { amount: cents, currency: 'EUR' as const },
    stock,
  };
  return stockArticle(staff, article, randomUUID());
}

export async function placed(
  system: System,
  shopper: Shop,
  items: { productId: string; quantity: number }[],
): Promise<OrderView> {
  const answer = await shopper.place(items);
  if (answer.status !== 201) throw unexpected('place', answer);
  system.acknowledged.add(answer.body.orderId);
  return answer.body;
}

export async function paid(
  system: System,
  shopper: Shop,
  items: { productId: string; quantity: number }[],
): Promise<OrderView> {
  const order = await placed(system, shopper, items);
  const answer = await shopper.pay(order.orderId);
  if (answer.status !== 201) throw unexpected('pay', answer);
  return answer.body.order ?? order;
}
