import { Refusal } from '@tradewind/errors';
import type { Shard } from '@tradewind/mysql';
import { noMetrics, silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { expect, test } from 'vitest';
import type { OrderActions } from '../order-actions.ts';
import { ExpireOrders } from './expire-orders.ts';

test('an order that can not be cancelled now does not keep those behind it from giving their stock back', async () => {
  const due = Array.from({ length: 20 }, (_, index) => String(index + 1));
  const expired: string[] = [];
  const shard = { name: 'order-0', read: async () => due.map((id) => ({ order_id: id })) } as unknown as Shard;
  const actions = {
    change: async ({ orderId }: { orderId: string }) => {
      if (orderId === '1') throw new Refusal('unavailable');
      if (orderId === '2') throw new Refusal('order-not-cancellable');
      expired.push(orderId);
    },
  } as unknown as OrderActions;
  const expiry = new ExpireOrders(
    shard,
    actions,
    { isHeld: () => true },
    { log: silentLog, metrics: noMetrics, clock: systemClock },
  );
  await expiry.round();
  expect(expired.toSorted()).toEqual(due.slice(2).toSorted());
});
