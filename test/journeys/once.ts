import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { ADDRESS, type OrderView } from '../wire/shop.ts';
import { newProduct, newShopper, placed } from './actors.ts';
import type { System } from './system.ts';

export function once(system: () => System): void {
  test('one key sent twenty times at once places one order, and gives the same answer for ever', async () => {
    const shopper = await newShopper(system());
    const { productId } = await newProduct(system(), 50);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => shopper.place([{ productId, quantity: 1 }], key)),
    );
    const bodies = new Set(answers.map((answer) => JSON.stringify(answer.body)));
    expect(bodies.size).toBe(1);
    system().acknowledged.add(answers[0]!.body.orderId);
    expect((await shopper.product(productId)).available).toBe(49);
    expect((await shopper.get<{ items: OrderView[] }>('/v1/orders')).body.items).toHaveLength(1);
  });

  test('a key is accepted quoted and bare, and another request with it is refused', async () => {
    const shopper = await newShopper(system());
    const { productId } = await newProduct(system(), 50);
    const body = (quantity: number) => ({ items: [{ productId, quantity }], shippingAddress: ADDRESS });
    const bare = await shopper.post<OrderView>('/v1/orders', body(1), { key: 'abc-1' });
    const quoted = await shopper.post<OrderView>('/v1/orders', body(1), { key: '"abc-1"' });
    system().acknowledged.add(bare.body.orderId);
    expect(bare.status).toBe(201);
    expect(quoted.body.orderId).toBe(bare.body.orderId);
    expect(await shopper.post('/v1/orders', body(2), { key: 'abc-1' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect(await shopper.post('/v1/orders', body(1))).toMatchObject({
      status: 400,
      body: { code: 'idempotency-key-missing' },
    });
    const other = await newShopper(system());
    const theirs = await other.post<OrderView>('/v1/orders', body(1), { key: 'abc-1' });
    system().acknowledged.add(theirs.body.orderId);
    expect(theirs.body.orderId).not.toBe(bare.body.orderId);
  });

  test('ten payments at once, each with a key of its own, take the money once', async () => {
    const shopper = await newShopper(system(), 100_000);
    const { productId } = await newProduct(system(), 5, 3000);
    const { orderId } = await placed(system(), shopper, [{ productId, quantity: 1 }]);
    const answers = await Promise.all(Array.from({ length: 10 }, () => shopper.pay(orderId)));
    const by = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect({ won: by(201), late: by(409) }).toEqual({ won: 1, late: 9 });
    expect(await shopper.wallet()).toMatchObject({ balance: { amount: 97_000 }, frozen: { amount: 0 } });
  });

  test('a deposit with a key counts once', async () => {
    const shopper = await newShopper(system(), 0);
    const [first, second] = [await shopper.deposit(500, 'd-1'), await shopper.deposit(500, 'd-1')];
    expect(second.body).toEqual(first.body);
    expect((await shopper.wallet()).balance.amount).toBe(500);
    expect((await shopper.deposit(501, 'd-1')).status).toBe(422);
  });

  test('a payment and a cancellation at the same moment: either the order is paid, or everything is back', async () => {
    for (let round = 0; round < 10; round++) {
      const shopper = await newShopper(system(), 5000);
      const { productId } = await newProduct(system(), 1, 5000);
      const { orderId } = await placed(system(), shopper, [{ productId, quantity: 1 }]);
      await Promise.all([shopper.pay(orderId), shopper.insist('POST', `/v1/orders/${orderId}/cancellation`, {})]);
      const { status } = (await shopper.get<OrderView>(`/v1/orders/${orderId}`)).body;
      expect(['PAID', 'CANCELLED']).toContain(status);
    }
  });
}
