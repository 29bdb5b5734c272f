import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { ADDRESS, inParallel, type OrderView, type ProductView, type Shop, until } from '../wire/shop.ts';
import { newProduct, newShopper, paid, placed } from './actors.ts';
import { type ServerName, type ServiceName, SERVICES, type System } from './system.ts';

const SHOPPERS = 8;
/** Orders that one fault has to live through. */
const ORDERS = 48;
const PARALLEL = 8;

/** Places orders; of each four, two are paid, one is paid and cancelled, one is left to expire. Every answer is insisted on. */
async function traffic(
  system: System,
  shoppers: readonly Shop[],
  product: ProductView,
  onOrder: (n: number) => void,
): Promise<void> {
  const numbers = Array.from({ length: ORDERS }, (_, n) => n);
  await inParallel(numbers, PARALLEL, async (n) => {
    const shopper = shoppers[n % SHOPPERS]!;
    const order = await placed(system, shopper, [{ productId: product.productId, quantity: 1 }]);
    if (n % 4 !== 3) await shopper.pay(order.orderId);
    if (n % 4 === 2) await shopper.insist('POST', `/v1/orders/${order.orderId}/cancellation`, {});
    onOrder(n);
  });
}

/** Lets `strike` happen once a third of the orders are through, while the others go on. */
async function trafficUnder(system: System, strike: () => Promise<void>): Promise<void> {
  const shoppers = await Promise.all(Array.from({ length: SHOPPERS }, () => newShopper(system)));
  const product = await newProduct(system, 1000, 100);
  let done = 0;
  let struck: Promise<void> | undefined;
  await traffic(system, shoppers, product, () => {
    if (++done === ORDERS / 3) struck = strike();
  });
  await struck;
}

/** A balancer that asks would take none of them away. */
async function expectReady({ env }: System): Promise<void> {
  for (const name of SERVICES) {
    const answer = await fetch(`${env[`${name.toUpperCase()}_URL`]}/health/ready`);
    expect(answer.status, `${name}: ${await answer.text()}`).toBe(200);
  }
}

export function faults(system: () => System): void {
  test.each(SERVICES)(
    '%s is killed with -9 in mid-traffic: every request comes to a definite end, and nothing is lost',
    async (name: ServiceName) => {
      await trafficUnder(system(), async () => {
        await system().killService(name);
        await system().startService(name);
      });
      const report = await system().audit();
      expect(report.exitCode, report.output).toBe(0);
    },
  );

  test.each(['kafka', 'elasticsearch', 'redis'] as ServerName[])(
    '%s is away: orders are still taken, and what is behind catches up',
    async (name) => {
      const shopper = await newShopper(system());
      const product = await newProduct(system(), 100, 100);
      await system().killServer(name);
      try {
        for (let n = 0; n < 5; n++) {
          const order = await paid(system(), shopper, [{ productId: product.productId, quantity: 1 }]);
          expect(order.status).toBe('PAID');
        }
        expect((await system().nobody.get('/health/ready')).status).toBe(200);
      } finally {
        await system().startServer(name);
      }
      await until(
        'the search to have caught up',
        async () => {
          const { body } = await system().staff.insist<{ items: OrderView[] }>(
            'GET',
            `/v1/admin/orders?productId=${product.productId}&status=PAID`,
          );
          return body.items.length === 5;
        },
        90_000,
      );
    },
  );

  test.each(['db-a', 'db-b'] as ServerName[])(
    'the database server %s is killed with -9 and comes back: what was acknowledged is there, and nobody was unready',
    async (name) => {
      await trafficUnder(system(), async () => {
        await system().killServer(name);
        await expectReady(system());
        await system().startServer(name);
      });
      const report = await system().audit();
      expect(report.exitCode, report.output).toBe(0);
    },
  );

  test('etcd is away: orders are read and paid by the map that is known, placing says so at once, and goes on by itself after', async () => {
    const shopper = await newShopper(system());
    const product = await newProduct(system(), 100, 100);
    const order = await placed(system(), shopper, [{ productId: product.productId, quantity: 1 }]);
    const items = [{ productId: product.productId, quantity: 1 }];
    await system().killServer('etcd');
    try {
      expect((await shopper.pay(order.orderId)).status).toBe(201);
      expect((await shopper.get<OrderView>(`/v1/orders/${order.orderId}`)).body.status).toBe('PAID');
      // Ids are minted within the time that is reserved; after that nothing is, rather than an id that another process might mint.
      await until('placing to be refused', async () => {
        const answer = await shopper.post<OrderView>(
          '/v1/orders',
          { items, shippingAddress: ADDRESS },
          { key: randomUUID() },
        );
        if (answer.status === 201) system().acknowledged.add(answer.body.orderId);
        else expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
        return answer.status === 503;
      });
      await expectReady(system());
    } finally {
      await system().startServer('etcd');
    }
    await placed(system(), shopper, items);
  });
}
