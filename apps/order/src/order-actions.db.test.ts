import { fileURLToPath } from 'node:url';
import { Refusal } from '@tradewind/errors';
import type { ServiceClient } from '@tradewind/http';
import { SnowflakeIds, soloLease } from '@tradewind/ids';
import { requireSlots, Shards } from '@tradewind/mysql';
import { type FreshSchema, freshSchema } from '@tradewind/mysql/testing';
import { orderSlot } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OrderActions, remember } from './order-actions.ts';
import { OrderReads } from './order.reads.ts';
import { OrderItemRow, OrderLogRow, OrderRow } from './order.row.ts';
import { changeOrder } from './order.store.ts';
import { PayOrder } from './pay/pay-order.ts';
import { PlaceOrder } from './place/place-order.ts';

const USER = '43';
const SLOT = orderSlot(USER);
const FOLDER = fileURLToPath(new URL('../../../deploy/sql/order', import.meta.url));
const ENTITIES = [OrderRow, OrderItemRow, OrderLogRow];
const ADDRESS = { name: 'Ada', line1: 'Street 1', city: 'Köln', postalCode: '50667', country: 'DE' };
const BODY = { items: [{ productId: '7', quantity: 2 }], shippingAddress: ADDRESS };

let schema: FreshSchema;
let shards: Shards;
let actions: OrderActions;
let worker = 0;
/** What the clock shows, ms; it stands unless a test moves it. */
let now = Date.parse('2030-01-01T00:00:00.000Z');
const clock: Clock = { ...systemClock, now: () => now };
const WAIT_MS = 60_000;

beforeAll(async () => {
  schema = await freshSchema(FOLDER, { entities: ENTITIES, name: 'order-0' });
  const router = { shardOf: () => ({ shard: 'order-0', epoch: schema.epoch }) };
  shards = await Shards.open(new Map([['order-0', schema.url]]), router, { entities: ENTITIES });
  actions = freshActions();
});
afterAll(async () => {
  await shards?.close();
  await schema?.close();
});

/** What one process remembers. */
function freshActions(): OrderActions {
  return new OrderActions(shards, new OrderReads(shards), { published: () => {}, decided: async () => {} }, clock);
}

/** An order process of its own. @param freeze what inventory answers to its try */
function placing(freeze: () => Promise<{ ok: boolean }>): PlaceOrder {
  const inventory = { call: async () => ({ results: [await freeze()] }) } as unknown as ServiceClient;
  const ids = new SnowflakeIds({ lease: soloLease(worker++), clock: systemClock });
  return new PlaceOrder({ actions: freshActions(), ids, inventory, clock, log: silentLog, paymentWaitMs: WAIT_MS });
}

const frozen = {
  ok: true,
  lines: [{ productId: '7', name: 'Kettle', unitPrice: { amount: 1999, currency: 'EUR' } }],
};

function keyOf(key: string) {
  return { key, fingerprint: 'ab'.repeat(32) };
}

test('a placing that sleeps between its try and its commit can not place what its client was told is short', async () => {
  const waking = Promise.withResolvers<typeof frozen>();
  const request = { userId: USER, idempotency: keyOf('place-1'), body: BODY };
  const sleeper = placing(() => waking.promise);
  const slept = sleeper.run(request).catch((error: unknown) => error);
  const other = placing(async () => ({ ok: false, code: 'stock-short', products: ['7'] }));
  await expect(other.run(request)).rejects.toMatchObject({ code: 'stock-short' });
  waking.resolve(frozen);
  expect(await slept).toMatchObject({ code: 'stock-short', details: { products: ['7'] } });
  expect(await actions.reads.list(USER, { limit: 10 })).toEqual([]);
  await expect(placing(async () => frozen).run(request)).rejects.toMatchObject({ code: 'stock-short' });
});

test('a placing that is refused after its twin has placed gets its order', async () => {
  const refusing = Promise.withResolvers<{ ok: boolean; code: string }>();
  const request = { userId: USER, idempotency: keyOf('place-2'), body: BODY };
  const late = placing(() => refusing.promise).run(request);
  const order = await placing(async () => frozen).run(request);
  refusing.resolve({ ok: false, code: 'stock-short' });
  expect(await late).toEqual(order);
});

test('a no that may be a yes later is not kept', async () => {
  const request = { userId: USER, idempotency: keyOf('place-3'), body: BODY };
  const away = placing(async () => ({ ok: false, code: 'unavailable' }));
  await expect(away.run(request)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await placing(async () => frozen).run(request)).toMatchObject({ status: 'PENDING_PAYMENT' });
});

test('a payment that comes too late waits for one whose commit hangs on its way, and gets its answer', async () => {
  const placed = await placing(async () => frozen).run({
    userId: USER,
    idempotency: keyOf('place-4'),
    body: BODY,
  });
  const stored = await actions.require(placed.orderId);
  const effect = { slot: SLOT, userId: USER, ...keyOf('pay-4') };
  const answer = { orderId: placed.orderId, state: 'captured', amount: placed.total };
  const hanging = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const first = schema.shard.transaction(async (tx) => {
    await requireSlots(tx, [SLOT], schema.epoch);
    await changeOrder(tx, stored, 'pay', { actor: `user:${USER}`, at: new Date(now) });
    await remember(tx, effect, { orderId: placed.orderId, answer, at: new Date(now) });
    written.resolve();
    await hanging.promise;
  });
  await written.promise;
  now += WAIT_MS;
  const payment = { call: () => Promise.reject(new Refusal('unavailable')) } as unknown as ServiceClient;
  const pay = new PayOrder({ actions: freshActions(), payment, clock, log: silentLog });
  const second = pay.run({ userId: USER, orderId: placed.orderId, idempotency: keyOf('pay-4') });
  const isEarly = await Promise.race([second.then(() => true), waitsForLock().then(() => false)]);
  hanging.resolve();
  await first;
  expect(isEarly).toBe(false);
  expect(await second).toEqual(answer);
});

test('the last ms before an order expires still pays; a payment in the very ms closes the order before it says no', async () => {
  const place = (key: string) => placing(async () => frozen).run({ userId: USER, idempotency: keyOf(key), body: BODY });
  const [inTime, late] = [await place('place-5'), await place('place-6')];
  const tried: string[] = [];
  const call = async (_: unknown, { items }: { items: { orderId: string; askAt: string }[] }) => {
    tried.push(...items.map((each) => each.orderId));
    return { results: items.map(() => ({ ok: true })) };
  };
  const pay = new PayOrder({ actions, payment: { call } as unknown as ServiceClient, clock, log: silentLog });
  now += WAIT_MS - 1;
  const paid = await pay.run({ userId: USER, orderId: inTime.orderId, idempotency: keyOf('pay-5') });
  expect(paid).toMatchObject({ state: 'captured', order: { status: 'PAID', updatedAt: new Date(now).toISOString() } });
  now += 1;
  const refused = pay.run({ userId: USER, orderId: late.orderId, idempotency: keyOf('pay-6') });
  await expect(refused).rejects.toMatchObject({ code: 'order-not-payable' });
  expect(await actions.reads.status(USER, late.orderId)).toMatchObject({ status: 'CANCELLED' });
  expect(tried).toEqual([inTime.orderId]);
});

/** Longer than InnoDB keeps what it shows of its transactions; who asks more often sees the same for ever. */
const LOOK_MS = 150;

/** Resolves when some transaction on the server waits for a row. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const [row] = await schema.shard.read<{ n: string }>(
      "SELECT COUNT(*) AS n FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
    );
    if (Number(row?.n) > 0) return;
    await systemClock.sleep(LOOK_MS);
  }
}
