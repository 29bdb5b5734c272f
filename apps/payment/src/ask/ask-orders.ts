import { askDecisions } from '@tradewind/contracts';
import type { ServiceClient } from '@tradewind/http';
import type { Shards } from '@tradewind/mysql';
import { type AskBackPorts, type Decision, inTurn } from '@tradewind/tcc';
import type { Log } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';
import type { BranchKey } from '../payment.ts';
import { dueBranches, inUserSlot, postponeBranch } from '../payment.store.ts';
import type { ResolvePayment } from '../resolve/resolve-payment.ts';

/** When to ask again after `wait` without a time. */
const WAIT_MS = 1000;

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
    due: async (now, limit) => (await dueOnAll(shards, { now, limit, log })).slice(0, limit),
    ask: async (due) => {
      const items = due.map(({ orderId, attempt }) => ({ participant: 'payment' as const, orderId, attempt }));
      const { results } = await orders.call(askDecisions, { items });
      return results.map((result): Decision | undefined => {
        if (!result.ok) return undefined;
        if (result.decision !== 'wait') return { decision: result.decision };
        const askAt = result.askAt === undefined ? new Date(clock.now() + WAIT_MS) : new Date(result.askAt);
        return { decision: 'wait', askAt };
      });
    },
    settle: (branch, action) => resolvePayment.run({ ...branch, action }),
    postpone: async (branch, askAt) => {
      const postponed = { ...branch, askAt, at: new Date(clock.now()) };
      await inUserSlot(shards, branch.userId, (tx, slot) => postponeBranch(tx, slot, postponed));
    },
  };
}

/** A shard that is away, or that has more to ask than one round takes, does not keep the others from asking. */
async function dueOnAll(
  shards: Shards,
  { now, limit, log }: { now: Date; limit: number; log: Log },
): Promise<BranchKey[]> {
  const parts = await Promise.all(
    shards.all().map((shard) =>
      dueBranches(shard, now, limit).catch((error: unknown) => {
        log.warn({ err: error, shard: shard.name }, 'branches that are due could not be read');
        return [];
      }),
    ),
  );
  return inTurn(parts);
}
