import { askDecisions } from '@tradewind/contracts';
import type { ServiceClient } from '@tradewind/http';
import type { Shards } from '@tradewind/mysql';
import { type AskBackPorts, decisionOf } from '@tradewind/tcc';
import type { Log } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';
import type { BranchKey } from '../payment.ts';
import { dueBranches, inUserSlot, postponeBranch } from '../payment.store.ts';
import type { ResolvePayment } from '../resolve/resolve-payment.ts';

export interface AskOrdersParts {
  readonly shards: Shards;
  readonly orders: ServiceClient;
  readonly resolvePayment: ResolvePayment;
  readonly log: Log;
  readonly clock?: Clock;
}

/** Asks the order service about money that was frozen and of which nothing was heard since. */
export function askOrders({
  shards,
  orders,
  resolvePayment,
  log,
  clock = systemClock,
}: AskOrdersParts): AskBackPorts<BranchKey> {
  return {
    due: async (now, limit) => (await shards.inTurn((shard) => dueBranches(shard, now, limit), log)).slice(0, limit),
    ask: async (due) => {
      const items = due.map(({ orderId, attempt }) => ({ participant: 'payment' as const, orderId, attempt }));
      const { results } = await orders.call(askDecisions, { items });
      return results.map((result) => decisionOf(result, clock.now()));
    },
    settle: (branch, action) => resolvePayment.run({ ...branch, action }),
    postpone: async (branch, askAt) => {
      const postponed = { ...branch, askAt, at: new Date(clock.now()) };
      await inUserSlot(shards, branch.userId, (tx, slot) => postponeBranch(tx, slot, postponed));
    },
  };
}
