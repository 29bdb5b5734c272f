import type { DecisionAsk } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import type { ServiceClient } from '@tradewind/http';
import { AskBack, type AskBackPorts } from '@tradewind/tcc';
import { noMetrics, silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ResolveStock } from '../resolve/resolve-stock.ts';
import { TryStock } from '../try/try-stock.ts';
import { freshId, phasesOf, stockOf, stockProduct, twoShards, type TwoShards } from '../two-shards.testing.ts';
import { askOrders, type DueOrder } from './ask-orders.ts';

type Answer = { ok: true; decision: string; askAt?: string } | { ok: false; code: string };

let two: TwoShards;
let tries: TryStock;
let ports: AskBackPorts<DueOrder>;
let askBack: AskBack<DueOrder>;
const asked: string[] = [];
const answers = new Map<string, Answer>();
let isAway = false;
let now = Date.parse('2030-01-01T00:00:00.000Z');

beforeAll(async () => {
  two = await twoShards();
  const clock = { ...systemClock, now: () => now };
  const parts = { shards: two.shards, clock, log: silentLog };
  tries = new TryStock(parts);
  const orders = {
    call: async (_: unknown, { items }: { items: DecisionAsk[] }) => {
      if (isAway) throw new Refusal('unavailable');
      asked.push(...items.map((each) => each.orderId));
      return { results: items.map((each) => answers.get(each.orderId) ?? { ok: false, code: 'internal' }) };
    },
  } as unknown as ServiceClient;
  ports = askOrders({ ...parts, orders, resolveStock: new ResolveStock(parts) });
  askBack = new AskBack(ports, { log: silentLog, metrics: noMetrics, clock });
});
afterAll(() => two?.close());

/** An order over both shards whose branches are due. */
async function frozen(): Promise<{ orderId: string; left: string; right: string }> {
  const [left, right] = [await stockProduct(two.shards, freshId(0), 5), await stockProduct(two.shards, freshId(1), 5)];
  const orderId = freshId();
  const lines = [left, right].map((productId) => ({ productId, quantity: 2 }));
  await tries.run({ orderId, askAt: new Date(now).toISOString(), lines });
  return { orderId, left, right };
}

test('each order asks once for all its branches, and does what was decided', async () => {
  const [paid, gone] = [await frozen(), await frozen()];
  answers.set(paid.orderId, { ok: true, decision: 'confirm' });
  answers.set(gone.orderId, { ok: true, decision: 'cancel' });
  asked.length = 0;
  await askBack.round();
  expect(asked.toSorted()).toEqual([paid.orderId, gone.orderId].toSorted());
  expect(await phasesOf(two.shards, paid.orderId)).toEqual({ [paid.left]: 'confirmed', [paid.right]: 'confirmed' });
  expect(await phasesOf(two.shards, gone.orderId)).toEqual({ [gone.left]: 'cancelled', [gone.right]: 'cancelled' });
  expect(await stockOf(two.shards, paid.left)).toEqual({ onHand: 3, available: 3, frozen: 0 });
  expect(await stockOf(two.shards, gone.right)).toEqual({ onHand: 5, available: 5, frozen: 0 });
  asked.length = 0;
  await askBack.round();
  expect(asked).toEqual([]);
});

test('told to wait, it asks again when it was told to', async () => {
  const { orderId, left } = await frozen();
  answers.set(orderId, { ok: true, decision: 'wait', askAt: new Date(now + 60_000).toISOString() });
  await askBack.round();
  asked.length = 0;
  now += 59_999;
  await askBack.round();
  expect(asked).toEqual([]);
  now += 1;
  answers.set(orderId, { ok: true, decision: 'cancel' });
  await askBack.round();
  expect(await stockOf(two.shards, left)).toEqual({ onHand: 5, available: 5, frozen: 0 });
});

test('while the order service is away everything stays frozen, and is asked for again', async () => {
  const { orderId, left } = await frozen();
  isAway = true;
  await askBack.round();
  expect(await phasesOf(two.shards, orderId)).toMatchObject({ [left]: 'tried' });
  isAway = false;
  now += 10_000;
  answers.set(orderId, { ok: true, decision: 'confirm' });
  await askBack.round();
  expect(await phasesOf(two.shards, orderId)).toMatchObject({ [left]: 'confirmed' });
});

test('a shard with more to ask than one round takes leaves room for the other', async () => {
  const orderIds: string[] = [];
  for (const on of [0, 0, 0, 1]) {
    const [orderId, productId] = [freshId(), await stockProduct(two.shards, freshId(on), 1)];
    await tries.run({ orderId, askAt: new Date(now).toISOString(), lines: [{ productId, quantity: 1 }] });
    orderIds.push(orderId);
  }
  const due = await ports.due(new Date(now), 2);
  expect(due.map(({ orderId }) => orderId)).toEqual([expect.any(String), orderIds[3]]);
});
