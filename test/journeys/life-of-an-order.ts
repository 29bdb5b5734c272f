import { expect, test } from 'vitest';
import { type OrderView, until } from '../wire/shop.ts';
import { newProduct, newShopper, paid, placed } from './actors.ts';
import type { System } from './system.ts';

interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

export function lifeOfAnOrder(system: () => System): void {
  test('placed, paid, shipped, delivered: stock, money, status, history and search agree at every step', async () => {
    const { staff } = system();
    const shopper = await newShopper(system(), 10_000);
    const { productId } = await newProduct(system(), 10, 1500);
    const order = await placed(system(), shopper, [
      { productId, quantity: 1 },
      { productId, quantity: 2 },
    ]);
    expect(order).toMatchObject({ status: 'PENDING_PAYMENT', version: 1, total: { amount: 4500, currency: 'EUR' } });
    expect(order.lines).toMatchObject([{ productId, quantity: 3 }]);
    expect((await shopper.product(productId)).available).toBe(7);

    const answer = await shopper.pay(order.orderId);
    expect(answer).toMatchObject({ status: 201, body: { state: 'captured', order: { status: 'PAID', version: 2 } } });
    expect(await shopper.wallet()).toEqual({
      balance: { amount: 5500, currency: 'EUR' },
      frozen: { amount: 0, currency: 'EUR' },
    });

    expect(await staff.post(`/v1/admin/orders/${order.orderId}/deliveries`)).toMatchObject({
      status: 409,
      body: { code: 'transition-refused' },
    });
    expect((await staff.post<OrderView>(`/v1/admin/orders/${order.orderId}/shipments`)).body.status).toBe('SHIPPED');
    expect((await staff.post<OrderView>(`/v1/admin/orders/${order.orderId}/deliveries`)).body.status).toBe('DELIVERED');
    expect(await shopper.insist('POST', `/v1/orders/${order.orderId}/cancellation`, {})).toMatchObject({
      status: 409,
      body: { code: 'order-not-cancellable' },
    });

    const history = await shopper.get<Page<{ status: string; version: number; actor: string }>>(
      `/v1/orders/${order.orderId}/history`,
    );
    expect(
      history.body.items.map(({ version, status, actor }) => `${version} ${status} ${actor.split(':')[0]}`),
    ).toEqual(['1 PENDING_PAYMENT user', '2 PAID user', '3 SHIPPED staff', '4 DELIVERED staff']);
    expect((await shopper.get(`/v1/orders/${order.orderId}/status`)).body).toEqual({
      orderId: order.orderId,
      status: 'DELIVERED',
      version: 4,
    });
    await until('the search to show it delivered', async () => {
      const found = await staff.get<Page<OrderView>>(`/v1/admin/orders?productId=${productId}&status=DELIVERED`);
      return found.body.items.length === 1 && found.body.items[0]!.version === 4;
    });
  });

  test('a paid order that is cancelled gives back stock and money; the second cancellation is refused', async () => {
    const shopper = await newShopper(system(), 5000);
    const { productId } = await newProduct(system(), 3, 2000);
    const order = await paid(system(), shopper, [{ productId, quantity: 2 }]);
    const done = await shopper.insist<OrderView>('POST', `/v1/orders/${order.orderId}/cancellation`, {});
    expect(done.body).toMatchObject({ status: 'CANCELLED', version: 3 });
    await until('stock and money to be back', async () => {
      const [wallet, product] = [await shopper.wallet(), await shopper.product(productId)];
      return wallet.balance.amount === 5000 && wallet.frozen.amount === 0 && product.available === 3;
    });
    expect(await shopper.insist('POST', `/v1/orders/${order.orderId}/cancellation`, {})).toMatchObject({ status: 409 });
  });

  test('an order that nobody pays is cancelled by the system, and its stock can be sold again', async () => {
    const shopper = await newShopper(system());
    const { productId } = await newProduct(system(), 1);
    const order = await placed(system(), shopper, [{ productId, quantity: 1 }]);
    expect((await shopper.place([{ productId, quantity: 1 }])).body).toMatchObject({
      code: 'stock-short',
      products: [productId],
    });
    await until(
      'the order to expire',
      async () => {
        const { body } = await shopper.get<OrderView>(`/v1/orders/${order.orderId}`);
        return body.status === 'CANCELLED' && body.expiresAt === undefined;
      },
      system().paymentTimeoutMs + 20_000,
    );
    await until('its stock to be back', async () => (await shopper.product(productId)).available === 1);
    expect(await shopper.pay(order.orderId)).toMatchObject({ status: 409, body: { code: 'order-not-payable' } });
  });

  test('too little money is a refusal that freezes nothing, and the order can be paid after a deposit', async () => {
    const shopper = await newShopper(system(), 100);
    const { productId } = await newProduct(system(), 5, 2000);
    const order = await placed(system(), shopper, [{ productId, quantity: 1 }]);
    expect(await shopper.pay(order.orderId)).toMatchObject({ status: 409, body: { code: 'balance-short' } });
    expect((await shopper.wallet()).frozen.amount).toBe(0);
    await shopper.deposit(1900);
    expect(await shopper.pay(order.orderId)).toMatchObject({ status: 201 });
    expect((await shopper.wallet()).balance.amount).toBe(0);
  });

  test('two hundred shoppers race for the last fifty: exactly fifty are sold', async () => {
    const shoppers = await Promise.all(Array.from({ length: 20 }, () => newShopper(system(), 0)));
    const { productId } = await newProduct(system(), 50);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => shoppers[n % 20]!.place([{ productId, quantity: 1 }])),
    );
    for (const answer of answers) if (answer.status === 201) system().acknowledged.add(answer.body.orderId);
    const by = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect({ sold: by(201), refused: by(409) }).toEqual({ sold: 50, refused: 150 });
    expect((await shoppers[0]!.product(productId)).available).toBe(0);
  });

  test("nobody sees another's orders: not by id, not in a list, not by paying or cancelling", async () => {
    const [owner, other] = [await newShopper(system()), await newShopper(system())];
    const { productId } = await newProduct(system(), 5);
    const { orderId } = await placed(system(), owner, [{ productId, quantity: 1 }]);
    for (const path of ['', '/status', '/history'])
      expect((await other.get(`/v1/orders/${orderId}${path}`)).status).toBe(404);
    expect((await other.pay(orderId)).status).toBe(404);
    expect((await other.insist('POST', `/v1/orders/${orderId}/cancellation`, {})).status).toBe(404);
    expect((await other.get<Page<OrderView>>('/v1/orders')).body.items).toEqual([]);
    expect((await other.get('/v1/admin/orders')).status).toBe(403);
    expect((await owner.get(`/v1/orders/${orderId}`)).status).toBe(200);
  });

  test('lists are paged newest first, each order once, and a cursor of another list is refused', async () => {
    const shopper = await newShopper(system());
    const { productId } = await newProduct(system(), 50);
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.unshift((await placed(system(), shopper, [{ productId, quantity: 1 }])).orderId);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<OrderView> = (
        await shopper.get<Page<OrderView>>(`/v1/orders?limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
      ).body;
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((order) => order.orderId));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(made);
    const { body } = await shopper.get<Page<OrderView>>('/v1/orders?limit=3');
    const other = await newShopper(system());
    const stolen = await other.get(`/v1/orders?limit=3&cursor=${encodeURIComponent(body.nextCursor ?? '')}`);
    expect(stolen).toMatchObject({ status: 400, body: { code: 'cursor-invalid' } });
  });

  test('the cross-shard search filters by user, product and total, sorts, and pages without loss', async () => {
    const { staff } = system();
    const { productId } = await newProduct(system(), 100, 700);
    const shoppers = await Promise.all(Array.from({ length: 6 }, () => newShopper(system())));
    for (const [n, shopper] of shoppers.entries()) await placed(system(), shopper, [{ productId, quantity: n + 1 }]);
    const query = `/v1/admin/orders?productId=${productId}&sort=-total&limit=4`;
    const first = await until('all six to be found', async () => {
      const all = await staff.get<Page<OrderView>>(`/v1/admin/orders?productId=${productId}`);
      return all.body.items.length === 6 && (await staff.get<Page<OrderView>>(query)).body;
    });
    const second = (await staff.get<Page<OrderView>>(`${query}&cursor=${encodeURIComponent(first.nextCursor ?? '')}`))
      .body;
    expect([...first.items, ...second.items].map((order) => order.total.amount)).toEqual([
      4200, 3500, 2800, 2100, 1400, 700,
    ]);
    expect(second.nextCursor).toBeNull();
    const narrow = await staff.get<Page<OrderView>>(
      `/v1/admin/orders?productId=${productId}&minTotal=1400&maxTotal=2100&sort=total`,
    );
    expect(narrow.body.items.map((order) => order.total.amount)).toEqual([1400, 2100]);
    const mine = await staff.get<Page<OrderView>>(`/v1/admin/orders?userId=${first.items[0]!.userId}`);
    expect(mine.body.items.map((order) => order.orderId)).toEqual([first.items[0]!.orderId]);
  });

  test('a stale If-Match is refused and writes nothing; the right one passes', async () => {
    const shopper = await newShopper(system());
    const { productId } = await newProduct(system(), 5);
    const { orderId } = await placed(system(), shopper, [{ productId, quantity: 1 }]);
    const etag = (await shopper.get(`/v1/orders/${orderId}`)).headers.get('etag');
    expect(etag).toBe('"1"');
    const cancel = (ifMatch: string, key: string) =>
      shopper.post(`/v1/orders/${orderId}/cancellation`, {}, { key, ifMatch });
    expect(await cancel('"7"', 'stale')).toMatchObject({ status: 412, body: { code: 'version-stale' } });
    expect((await shopper.get(`/v1/orders/${orderId}/status`)).body['status']).toBe('PENDING_PAYMENT');
    expect((await cancel('"1"', 'fresh')).status).toBe(201);
  });
}
