import type { DecisionAsk } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import type { ServiceClient } from '@tradewind/http';
import { AskBack } from '@tradewind/tcc';
import { noMetrics, silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BranchKey } from '../payment.ts';
import { ResolvePayment } from '../resolve/resolve-payment.ts';
import { TryPayment } from '../try/try-payment.ts';
import { balancesOf, fillWallet, freshId, twoShards, type TwoShards } from '../two-shards.testing.ts';
import { askOrders } from './ask-orders.ts';

type Answer = { ok: true; decision: string; askAt?: string } | { ok: false; code: string };

let two: TwoShards;
let tries: TryPayment;
let askBack: AskBack<BranchKey>;
const asked: string[] = [];
const answers = new Map<string, Answer>();
let isAway = false;
let now = Date.parse('2030-01-01T00:00:00.000Z');

beforeAll(async () => {
  two = await twoShards();
  const clock = { ...systemClock, now: () => now };
  const parts = { shards: two.shards, clock, log: silentLog };
  tries = new TryPayment(parts);
  const orders = {
    call: async (_: unknown, { items }: { items: DecisionAsk[] }) => {
      if (isAway) throw new Refusal('unavailable');
      asked.push(...items.map((each) => `${each.orderId}/${each.participant === 'payment' ? each.attempt : '-'}`));
      return { results: items.map((each) => answers.get(each.orderId) ?? { ok: false, code: 'internal' }) };
    },
  } as unknown as ServiceClient;
  const ports = askOrders({ ...parts, orders, resolvePayment: new ResolvePayment(parts) });
  askBack = new AskBack(ports, { log: silentLog, metrics: noMetrics, clock });
});
afterAll(() => two?.close());

async function frozen(): Promise<{ orderId: string; userId: string }> {
  const [orderId, userId] = [freshId(), await fillWallet(two.shards, freshId(), 100)];
  await tries.run({
    orderId,
    attempt: 3,
    userId,
    amount: { amount: 30, currency: 'EUR' },
    askAt: new Date(now).toISOString(),
  });
  return { orderId, userId };
}

test('each due attempt asks, does what was decided, and asks no more', async () => {
  const [paid, gone] = [await frozen(), await frozen()];
  answers.set(paid.orderId, { ok: true, decision: 'confirm' });
  answers.set(gone.orderId, { ok: true, decision: 'cancel' });
  await askBack.round();
  expect(asked.toSorted()).toEqual([`${paid.orderId}/3`, `${gone.orderId}/3`].toSorted());
  expect(await balancesOf(two.shards, paid.userId)).toEqual({ balance: 70, frozen: 0 });
  expect(await balancesOf(two.shards, gone.userId)).toEqual({ balance: 100, frozen: 0 });
  asked.length = 0;
  await askBack.round();
  expect(asked).toEqual([]);
});

test('money stays frozen while the order service is away or says to wait, and follows the first answer', async () => {
  const { orderId, userId } = await frozen();
  isAway = true;
  await askBack.round();
  isAway = false;
  now += 10_000;
  answers.set(orderId, { ok: true, decision: 'wait', askAt: new Date(now + 60_000).toISOString() });
  await askBack.round();
  asked.length = 0;
  now += 59_999;
  await askBack.round();
  expect(asked).toEqual([]);
  expect(await balancesOf(two.shards, userId)).toEqual({ balance: 100, frozen: 30 });
  now += 1;
  answers.set(orderId, { ok: true, decision: 'cancel' });
  await askBack.round();
  expect(await balancesOf(two.shards, userId)).toEqual({ balance: 100, frozen: 0 });
});
