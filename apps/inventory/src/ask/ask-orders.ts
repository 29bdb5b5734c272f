import { askDecisions } from '@tradewind/contracts';
import type { ServiceClient } from '@tradewind/http';
import type { Shards } from '@tradewind/mysql';
import { type AskBackPorts, decisionOf } from '@tradewind/tcc';
import type { Log } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';
import type { ResolveStock } from '../resolve/resolve-stock.ts';
import type { Line } from '../stock.ts';
import { type DueBranch, dueBranches, onLines, postponeBranches } from '../branch.store.ts';

/** The branches of one order that are due: one question. */
export interface DueOrder {
  readonly orderId: string;
  readonly lines: readonly Line[];
}

export interface AskOrdersParts {
  readonly shards: Shards;
  readonly orders: ServiceClient;
  readonly resolveStock: ResolveStock;
  readonly log: Log;
  readonly clock?: Clock;
}

/** Asks the order service about stock that was frozen and of which nothing was heard since. */
export function askOrders({
  shards,
  orders,
  resolveStock,
  log,
  clock = systemClock,
}: AskOrdersParts): AskBackPorts<DueOrder> {
  return {
    due: async (now, limit) =>
      byOrder(await shards.inTurn((shard) => dueBranches(shard, now, limit), log)).slice(0, limit),
    ask: async (due) => {
      const items = due.map(({ orderId }) => ({ participant: 'stock' as const, orderId }));
      const { results } = await orders.call(askDecisions, { items });
      return results.map((result) => decisionOf(result, clock.now()));
    },
    settle: ({ orderId, lines }, action) => resolveStock.run({ orderId, action, lines: [...lines] }),
    postpone: async ({ orderId, lines }, askAt) => {
      const message = { orderId, askAt, at: new Date(clock.now()) };
      const parts = shards.group(lines, (line) => line.slot);
      await Promise.all(
        parts.map((part) => onLines(part, part.things, (tx) => postponeBranches(tx, message, part.things))),
      );
    },
  };
}

function byOrder(branches: readonly DueBranch[]): DueOrder[] {
  const lines = new Map<string, Line[]>();
  for (const { orderId, ...line } of branches) lines.set(orderId, [...(lines.get(orderId) ?? []), line]);
  return [...lines].map(([orderId, each]) => ({ orderId, lines: each }));
}
