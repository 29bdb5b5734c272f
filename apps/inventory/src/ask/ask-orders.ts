import { askDecisions } from '@tradewind/contracts';
import type { ServiceClient } from '@tradewind/http';
import type { Shards } from '@tradewind/mysql';
import { type AskBackPorts, type Decision, inTurn } from '@tradewind/tcc';
import type { Log } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';
import type { ResolveStock } from '../resolve/resolve-stock.ts';
import type { Line } from '../stock.ts';
import { type DueBranch, dueBranches, onLines, postponeBranches } from '../branch.store.ts';

/** When to ask again after `wait` without a time. */
const WAIT_MS = 1000;

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
    due: async (now, limit) => byOrder(await dueOnAll(shards, { now, limit, log })).slice(0, limit),
    ask: async (due) => {
      const items = due.map(({ orderId }) => ({ participant: 'stock' as const, orderId }));
      const { results } = await orders.call(askDecisions, { items });
      return results.map((result): Decision | undefined => {
        if (!result.ok) return undefined;
        if (result.decision !== 'wait') return { decision: result.decision };
        const askAt = result.askAt === undefined ? new Date(clock.now() + WAIT_MS) : new Date(result.askAt);
        return { decision: 'wait', askAt };
      });
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

/** A shard that is away, or that has more to ask than one round takes, does not keep the others from asking. */
async function dueOnAll(
  shards: Shards,
  { now, limit, log }: { now: Date; limit: number; log: Log },
): Promise<DueBranch[]> {
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

function byOrder(branches: readonly DueBranch[]): DueOrder[] {
  const lines = new Map<string, Line[]>();
  for (const { orderId, ...line } of branches) lines.set(orderId, [...(lines.get(orderId) ?? []), line]);
  return [...lines].map(([orderId, each]) => ({ orderId, lines: each }));
}
