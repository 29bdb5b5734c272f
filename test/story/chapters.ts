import { randomUUID } from 'node:crypto';
import { type OrderView, type Shop, inParallel, unexpected, until } from '../wire/shop.ts';
import { enterShoppers, PARALLEL, type Stage, stockArticle } from './cast.ts';
import { seededRandom, zipf } from './catalogue.ts';
import type { Faults } from './faults.ts';
import type { Told } from './teller.ts';

const ORDERS = 200;
const RACERS = 200;
const RACE_STOCK = 50;
const REPEATS = 10;
const CRASH_ORDERS = 120;
/** When, among the crash chapter's orders, the process is killed. */
const CRASH_AT = 40;

async function placeAndPay(
  stage: Stage,
  shopper: Shop,
  items: { productId: string; quantity: number }[],
): Promise<OrderView> {
  const placed = await shopper.place(items);
  if (placed.status !== 201) throw unexpected('place', placed);
  stage.acknowledged.push(placed.body.orderId);
  const paid = await shopper.pay(placed.body.orderId);
  if (paid.status !== 201) throw unexpected('pay', paid);
  return placed.body;
}

/** @returns a picker of one or two lines, popular products more often */
function cartPicker(stage: Stage): () => { productId: string; quantity: number }[] {
  const random = seededRandom(Date.now());
  const rank = zipf(stage.products.length, random);
  const line = () => ({ productId: stage.products[rank()]!.productId, quantity: 1 });
  return () => (random() < 0.5 ? [line()] : [line(), line()]);
}

export async function ordersFlow(stage: Stage): Promise<Told> {
  const cart = cartPicker(stage);
  const start = performance.now();
  const numbers = Array.from({ length: ORDERS }, (_, index) => index);
  const orders = await inParallel(numbers, PARALLEL, (n) =>
    placeAndPay(stage, stage.shoppers[n % stage.shoppers.length]!, cart()),
  );
  const rate = ORDERS / ((performance.now() - start) / 1000);
  return {
    ok: orders.length === ORDERS,
    result: `${orders.length} orders over four shards, ${rate.toFixed(0)} a second`,
  };
}

export async function stockShort(stage: Stage): Promise<Told> {
  const product = await stage.shoppers[0]!.product(stage.products[3]!.productId);
  const refused = await stage.shoppers[0]!.place([{ productId: product.productId, quantity: product.available + 1 }]);
  const after = await stage.shoppers[0]!.product(product.productId);
  const { code, products } = refused.body as unknown as { code?: string; products?: string[] };
  const ok =
    refused.status === 409 &&
    code === 'stock-short' &&
    products?.[0] === product.productId &&
    after.available === product.available;
  return {
    ok,
    result: `${product.available + 1} wanted, ${product.available} there: ${refused.status} ${code}, and still ${after.available} there`,
  };
}

export async function race(stage: Stage): Promise<Told> {
  const racers = [...stage.shoppers, ...(await enterShoppers(stage.nobody, 'racer', RACERS - stage.shoppers.length))];
  const prize = {
    name: `Limited Print ${randomUUID().slice(0, 8)}`,
    description: 'Fifty were made.',
    category: 'prints',
    stock: RACE_STOCK,
  };
  const { productId } = await stockArticle(
    stage.staff,
    { ...prize, price: { amount: 4900, currency: 'EUR' } },
    randomUUID(),
  );
  const answers = await Promise.all(racers.map((racer) => racer.place([{ productId, quantity: 1 }])));
  const sold = answers.filter((answer) => answer.status === 201);
  const short = answers.filter((answer) => answer.status === 409);
  stage.acknowledged.push(...sold.map((answer) => answer.body.orderId));
  const { available } = await stage.staff.product(productId);
  const ok = sold.length === RACE_STOCK && short.length === RACERS - RACE_STOCK && available === 0;
  return {
    ok,
    result: `${RACERS} at once for ${RACE_STOCK}: ${sold.length} sold, ${short.length} refused, ${available} left`,
  };
}

export async function repeated(stage: Stage): Promise<Told> {
  const shopper = stage.shoppers[1]!;
  const key = randomUUID();
  const items = [{ productId: stage.products[5]!.productId, quantity: 1 }];
  const answers = await Promise.all(Array.from({ length: REPEATS }, () => shopper.place(items, key)));
  const later = await shopper.place(items, key);
  const ids = new Set([...answers, later].map((answer) => answer.body.orderId));
  stage.acknowledged.push(...ids);
  const other = await shopper.place([{ ...items[0]!, quantity: 2 }], key);
  const ok = ids.size === 1 && later.status === 201 && other.status === 422;
  return {
    ok,
    result: `one key sent ${REPEATS + 1} times: ${ids.size} order; the key with another cart: ${other.status}`,
  };
}

export async function cancelled(stage: Stage): Promise<Told> {
  const shopper = stage.shoppers[2]!;
  const { productId } = stage.products[900]!;
  const before = { wallet: await shopper.wallet(), product: await shopper.product(productId) };
  const order = await placeAndPay(stage, shopper, [{ productId, quantity: 3 }]);
  const between = { wallet: await shopper.wallet(), product: await shopper.product(productId) };
  const done = await shopper.insist<OrderView>('POST', `/v1/orders/${order.orderId}/cancellation`, {});
  const same = await until('stock and money to be back', async () => {
    const now = { wallet: await shopper.wallet(), product: await shopper.product(productId) };
    return (
      now.wallet.balance.amount === before.wallet.balance.amount &&
      now.wallet.frozen.amount === 0 &&
      now.product.available === before.product.available
    );
  });
  const taken = before.wallet.balance.amount - between.wallet.balance.amount;
  const ok = same && done.body.status === 'CANCELLED' && taken === order.total.amount;
  return {
    ok,
    result: `${(taken / 100).toFixed(2)} EUR and 3 units were taken, and came back to the cent and to the unit`,
  };
}

/** An order that nobody will pay; `expired` looks for it at the end. */
export async function leaveUnpaid(stage: Stage): Promise<OrderView> {
  const placed = await stage.shoppers[4]!.place([{ productId: stage.products[901]!.productId, quantity: 1 }]);
  if (placed.status !== 201) throw unexpected('place', placed);
  stage.acknowledged.push(placed.body.orderId);
  return placed.body;
}

export async function expired(stage: Stage, unpaid: OrderView): Promise<Told> {
  const shopper = stage.shoppers[4]!;
  const waitMs = Date.parse(unpaid.expiresAt ?? '') - Date.now() + 15_000;
  await until(
    'the unpaid order to be cancelled',
    async () => {
      const { body } = await shopper.insist<OrderView>('GET', `/v1/orders/${unpaid.orderId}`);
      return body.status === 'CANCELLED';
    },
    Math.max(waitMs, 15_000),
  );
  const late = await shopper.pay(unpaid.orderId);
  const { body } = await shopper.insist<{ items: { cause: string; actor: string }[] }>(
    'GET',
    `/v1/orders/${unpaid.orderId}/history`,
  );
  const last = body.items.at(-1);
  const wait = (Date.parse(unpaid.expiresAt ?? '') - Date.parse(unpaid.createdAt)) / 1000;
  const ok = last?.cause === 'payment-timeout' && last.actor === 'system' && late.status === 409;
  return {
    ok,
    result: `cancelled by the ${last?.actor} after ${wait} s (${last?.cause}); paying it now: ${late.status}`,
  };
}

export async function crash(stage: Stage, faults: Faults | undefined): Promise<Told> {
  if (faults === undefined) return { ok: false, result: 'nobody here can kill a service (see --kill-command)' };
  const cart = cartPicker(stage);
  let done = 0;
  let killed: Promise<void> | undefined;
  const numbers = Array.from({ length: CRASH_ORDERS }, (_, index) => index);
  await inParallel(numbers, PARALLEL, async (n) => {
    await placeAndPay(stage, stage.shoppers[n % stage.shoppers.length]!, cart());
    if (++done === CRASH_AT) killed = faults.kill('order');
  });
  await killed;
  return {
    ok: done === CRASH_ORDERS,
    result: `kill -9 of the order service after ${CRASH_AT} orders; all ${done} were placed and paid, each once`,
  };
}

/** Pages through the whole cross-shard list until it shows every acknowledged order, each once. */
export async function search(stage: Stage): Promise<Told> {
  const wanted = new Set(stage.acknowledged);
  const found = await until('the search to have caught up', async () => {
    const { seen, pages } = await allOrders(stage.staff);
    const missing = [...wanted].filter((id) => !seen.has(id));
    return missing.length === 0 && { pages, total: seen.size };
  });
  const { body } = await stage.staff.insist<{ items: OrderView[] }>(
    'GET',
    '/v1/admin/orders?status=PAID&sort=-total&limit=3',
  );
  const totals = body.items.map((order) => order.total.amount);
  const sorted = totals.every((total, index) => index === 0 || totals[index - 1]! >= total);
  const dearest = `${((totals[0] ?? 0) / 100).toFixed(2)} EUR`;
  return {
    ok: sorted,
    result: `all ${wanted.size} orders of this story found among ${found.total} on ${found.pages} pages; the dearest paid one: ${dearest}`,
  };
}

async function allOrders(staff: Shop): Promise<{ seen: Set<string>; pages: number }> {
  const seen = new Set<string>();
  let pages = 0;
  for (let cursor: string | null = ''; cursor !== null; pages++) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body, status } = await staff.insist<{ items: OrderView[]; nextCursor: string | null }>(
      'GET',
      `/v1/admin/orders?limit=100${query}`,
    );
    if (status !== 200) throw new Error(`the search answered ${status}: ${JSON.stringify(body)}`);
    for (const { orderId } of body.items) {
      if (seen.has(orderId)) throw new Error(`order ${orderId} came on two pages`);
      seen.add(orderId);
    }
    cursor = body.nextCursor;
  }
  return { seen, pages };
}
