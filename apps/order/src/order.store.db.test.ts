import { fileURLToPath } from 'node:url';
import { requireSlots, Shards } from '@tradewind/mysql';
import { type FreshSchema, freshSchema } from '@tradewind/mysql/testing';
import { orderSlot } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Decisions } from './decide/decisions.ts';
import { OrderActions } from './order-actions.ts';
import { newOrder, type StoredOrder } from './order.ts';
import { OrderReads } from './order.reads.ts';
import { OrderItemRow, OrderLogRow, OrderRow } from './order.row.ts';
import { changeOrder, insertOrder, OrderVoided, RaceLost, type Resolution } from './order.store.ts';

const USER = '42';
const SLOT = orderSlot(USER);
const FOLDER = fileURLToPath(new URL('../../../deploy/sql/order', import.meta.url));

let schema: FreshSchema;
let shards: Shards;
let reads: OrderReads;
let nextTick = 1n;

beforeAll(async () => {
  schema = await freshSchema(FOLDER, { entities: [OrderRow, OrderItemRow, OrderLogRow], name: 'order-0' });
  const router = { shardOf: () => ({ shard: 'order-0', epoch: schema.epoch }) };
  shards = await Shards.open(new Map([['order-0', schema.url]]), router, {
    entities: [OrderRow, OrderItemRow, OrderLogRow],
  });
  reads = new OrderReads(shards);
});
afterAll(async () => {
  await shards?.close();
  await schema?.close();
});

/** An id of our slot, in the layout of the design: time, slot, worker, sequence. */
function nextId(): string {
  return ((nextTick++ << 22n) | (BigInt(SLOT) << 12n)).toString();
}

function order(orderId = nextId(), waitMs = 60_000): StoredOrder {
  const lines = [
    { productId: '7', name: 'Kettle', quantity: 2, unitPrice: { amount: 1999, currency: 'EUR' as const } },
  ];
  const address = { name: 'Ada', line1: 'Street 1', city: 'Köln', postalCode: '50667', country: 'DE' };
  const parts = {
    orderId,
    userId: USER,
    lines,
    total: { amount: 3998, currency: 'EUR' as const },
    shippingAddress: address,
  };
  return { slot: SLOT, order: newOrder(parts, new Date(), waitMs), payAttempt: 0 };
}

function insert(stored: StoredOrder): Promise<unknown> {
  return schema.shard.transaction((tx) => insertOrder(tx, stored));
}

async function count(table: string, orderId: string): Promise<number> {
  const [row] = await schema.shard.read<{ n: string }>(
    `SELECT COUNT(*) AS n FROM ${table} WHERE ${table === 'outbox' ? 'aggregate_id' : 'order_id'} = ?`,
    [orderId],
  );
  return Number(row?.n);
}

test('an order comes back as it went in, with its log entry and its event', async () => {
  const stored = order();
  await insert(stored);
  expect(await reads.find(stored.order.orderId)).toEqual(stored);
  expect(await reads.history(stored.order.orderId)).toMatchObject([
    { version: 1, status: 'PENDING_PAYMENT', actor: 'user:42', cause: 'placed' },
  ]);
  expect(await count('outbox', stored.order.orderId)).toBe(1);
});

test('a payment and a timeout at the same moment: one wins, the other has written nothing', async () => {
  const stored = order();
  await insert(stored);
  const race = (change: 'pay' | 'expire') =>
    schema.shard.transaction((tx) => changeOrder(tx, stored, change, { actor: 'system', at: new Date() }));
  const results = await Promise.allSettled([race('pay'), race('expire')]);
  expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((results.find((result) => result.status === 'rejected') as PromiseRejectedResult).reason).toBeInstanceOf(
    RaceLost,
  );
  expect(await count('order_log', stored.order.orderId)).toBe(2);
  expect(await count('tcc_resolution', stored.order.orderId)).toBe(1);
});

test('a participant that asks about an order that never came voids its id, and the late order trips over it', async () => {
  const late = order();
  const decisions = new Decisions({ shards, clock: systemClock, log: silentLog });
  expect(await decisions.decide({ participant: 'stock', orderId: late.order.orderId })).toEqual({
    ok: true,
    decision: 'cancel',
  });
  await expect(insert(late)).rejects.toBeInstanceOf(OrderVoided);
  expect(await reads.find(late.order.orderId)).toBeUndefined();
  expect(await reads.list(USER, { limit: 100 })).not.toContainEqual(
    expect.objectContaining({ orderId: late.order.orderId }),
  );
  expect(await count('outbox', late.order.orderId)).toBe(0);
});

test('fifty asks about one unknown order all hear cancel', async () => {
  const decisions = new Decisions({ shards, clock: systemClock, log: silentLog });
  const orderId = nextId();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => decisions.decide({ participant: 'stock', orderId })),
  );
  expect(new Set(answers.map((answer) => answer.decision))).toEqual(new Set(['cancel']));
});

test('a payment attempt that asked back is closed: the payer who slept can not win with it', async () => {
  const stored = order();
  await insert(stored);
  const decisions = new Decisions({ shards, clock: systemClock, log: silentLog });
  const orderId = stored.order.orderId;
  expect(await decisions.decide({ participant: 'payment', orderId, attempt: 0 })).toEqual({
    ok: true,
    decision: 'cancel',
  });
  const pay = schema.shard.transaction((tx) => changeOrder(tx, stored, 'pay', { actor: 'user:42', at: new Date() }));
  await expect(pay).rejects.toBeInstanceOf(RaceLost);
  expect((await reads.find(orderId))?.payAttempt).toBe(1);
});

test('stock of a waiting order is told to wait, of a paid one to wait for the resolver, then to confirm', async () => {
  const stored = order();
  await insert(stored);
  const decisions = new Decisions({ shards, clock: systemClock, log: silentLog });
  const ask = { participant: 'stock', orderId: stored.order.orderId } as const;
  expect(await decisions.decide(ask)).toMatchObject({ decision: 'wait' });
  await schema.shard.transaction((tx) => changeOrder(tx, stored, 'pay', { actor: 'user:42', at: new Date() }));
  expect(await decisions.decide(ask)).toMatchObject({ decision: 'wait' });
  await schema.shard.transaction((tx) =>
    tx.run('DELETE FROM tcc_resolution WHERE order_id = ?', [stored.order.orderId]),
  );
  expect(await decisions.decide(ask)).toEqual({ ok: true, decision: 'confirm' });
});

test('a paid order that is cancelled leaves two notes, confirm before return, for the resolver', async () => {
  const stored = order();
  await insert(stored);
  const seen: Resolution[] = [];
  const actions = new OrderActions(
    shards,
    reads,
    {
      published: () => {},
      decided: async (resolution) => void seen.push(resolution),
    },
    systemClock,
  );
  await actions.change({ change: 'pay', orderId: stored.order.orderId, actor: 'user:42' });
  await actions.change({ change: 'cancel', orderId: stored.order.orderId, actor: 'user:42', ownerId: USER });
  expect(seen.map(({ action, version, payAttempt }) => ({ action, version, payAttempt }))).toEqual([
    { action: 'confirm', version: 2, payAttempt: 0 },
    { action: 'return', version: 3, payAttempt: 0 },
  ]);
});

test('twenty cancellations with one key at once: one takes effect, the answers are the same, another request with the key is refused', async () => {
  const stored = order();
  await insert(stored);
  const orderId = stored.order.orderId;
  const key = { slot: SLOT, userId: USER, key: 'k-1', fingerprint: 'ab'.repeat(32) };
  // Two processes: what runs in one is not seen by the other; only the database decides.
  const processes = [0, 1].map(
    () => new OrderActions(shards, reads, { published: () => {}, decided: async () => {} }, systemClock),
  );
  const cancel = (actions: OrderActions) =>
    actions.once(key, () =>
      actions.change({ change: 'cancel', orderId, actor: 'user:42', ownerId: USER, effect: key }),
    );
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => cancel(processes[index % 2]!)));
  const codes = new Set(
    results.map((each) => (each.status === 'fulfilled' ? each.value.status : (each.reason as { code: string }).code)),
  );
  expect([...codes].filter((code) => !['CANCELLED', 'request-running'].includes(code))).toEqual([]);
  expect(await cancel(processes[0]!)).toMatchObject({ orderId, status: 'CANCELLED', version: 2 });
  expect(await count('order_log', orderId)).toBe(2);
  const other = { ...key, fingerprint: 'cd'.repeat(32) };
  await expect(processes[0]!.once(other, () => Promise.reject(new Error('not run')))).rejects.toMatchObject({
    code: 'idempotency-key-reused',
  });
});

test("another user's order is not found, like one that never was", async () => {
  const stored = order();
  await insert(stored);
  const actions = new OrderActions(shards, reads, { published: () => {}, decided: async () => {} }, systemClock);
  await expect(actions.require(stored.order.orderId, '43')).rejects.toMatchObject({ code: 'not-found' });
  await expect(actions.require(nextId(), USER)).rejects.toMatchObject({ code: 'not-found' });
  expect(await reads.status('43', stored.order.orderId)).toBeUndefined();
});

test('a writer of an older epoch is refused by the shard and writes nothing', async () => {
  const stored = order();
  const write = schema.shard.transaction(async (tx) => {
    await requireSlots(tx, [SLOT], schema.epoch - 1);
    await insertOrder(tx, stored);
  });
  await expect(write).rejects.toMatchObject({ code: 'unavailable' });
  expect(await reads.find(stored.order.orderId)).toBeUndefined();
});

test('the two largest ids are told apart', async () => {
  const rows = (id: string) =>
    schema.shard.read<{ id: string }>('SELECT order_id AS id FROM orders WHERE slot = 1023 AND order_id = ?', [id]);
  const largest = '9223372036854775807';
  await schema.shard.transaction((tx) => insertOrder(tx, { ...order(largest), slot: 1023 }));
  expect(await rows(largest)).toEqual([{ id: largest }]);
  expect(await rows('9223372036854775806')).toEqual([]);
});
