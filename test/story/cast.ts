import { type ProductView, Shop, inParallel, unexpected } from '../wire/shop.ts';
import { type Article, catalogue } from './catalogue.ts';

/** Requests in flight at once while the stage is set: enough to keep two cores busy. */
export const PARALLEL = 16;
const SHOPPERS = 50;
const PRODUCTS = 1000;
/** What each shopper starts with, in cents. */
const POCKET_MONEY = 1_000_000;

export interface Stage {
  readonly nobody: Shop;
  readonly staff: Shop;
  readonly shoppers: readonly Shop[];
  readonly products: readonly ProductView[];
  /** Orders that the shop has acknowledged to somebody: each must be found again at the end. */
  readonly acknowledged: string[];
}

export interface StageOptions {
  readonly url: string;
  readonly staffEmail: string;
  readonly staffPassword: string;
}

/** The shop's first order, before the shelves are full: one shopper, one product, placed and paid. */
export async function firstOrder({ url, staffEmail, staffPassword }: StageOptions): Promise<string> {
  const nobody = new Shop(url);
  const staff = await nobody.signIn(staffEmail, staffPassword);
  const [article] = catalogue(1);
  const [product, [shopper]] = await Promise.all([
    stockArticle(staff, article!, 'seed-0'),
    enterShoppers(nobody, 'shopper', 1),
  ]);
  const placed = await shopper!.place([{ productId: product.productId, quantity: 1 }]);
  if (placed.status !== 201) throw unexpected('place', placed);
  const paid = await shopper!.pay(placed.body.orderId);
  if (paid.status !== 201) throw unexpected('pay', paid);
  return placed.body.orderId;
}

/** Sets the stage. Everything has a key or a name of its own, so that on yesterday's data the same things are found, not made again. */
export async function setStage({ url, staffEmail, staffPassword }: StageOptions): Promise<Stage> {
  const nobody = new Shop(url);
  const staff = await nobody.signIn(staffEmail, staffPassword);
  const products = await inParallel(catalogue(PRODUCTS), PARALLEL, (article, index) =>
    stockArticle(staff, article, `seed-${index}`),
  );
  const shoppers = await enterShoppers(nobody, 'shopper', SHOPPERS);
  return { nobody, staff, shoppers, products, acknowledged: [] };
}

/** Creates a product and receives its stock, once per `key`. */
export async function stockArticle(staff: Shop, { stock, ...body }: Article, key: string): Promise<ProductView> {
  const made = await staff.insist<ProductView>('POST', '/v1/admin/products', body, `${key}-product`);
  if (made.status !== 201) throw unexpected('create product', made);
  const { productId } = made.body;
  const received = await staff.insist(
    'POST',
    `/v1/admin/stock/${productId}/receipts`,
    { quantity: stock },
    `${key}-receipt`,
  );
  if (received.status !== 201) throw unexpected('receive stock', received);
  return made.body;
}

export function enterShoppers(nobody: Shop, name: string, count: number): Promise<Shop[]> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return inParallel(numbers, PARALLEL, async (number) => {
    const shopper = await nobody.enter(
      `${name}-${number}@tradewind.example`,
      `password of ${name} ${number}`,
      `${name} ${number}`,
    );
    const paid = await shopper.deposit(POCKET_MONEY, `pocket-money-${name}-${number}`);
    if (paid.status !== 201) throw unexpected('deposit', paid);
    return shopper;
  });
}
