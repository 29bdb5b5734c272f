import type { OutboxEvent, Relay } from '@tradewind/outbox';
import type { Shards } from '@tradewind/mysql';
import type { Resolver } from '@tradewind/tcc';
import type { Aftermath } from './order-actions.ts';
import type { Resolution } from './order.store.ts';

/**
 * How long the answer to a client waits for its decision to be carried out, so that the wallet and the stock it looks at next show it. The
 * decision is committed either way.
 */
const RESOLVE_WAIT_MS = 1000;

/** One shard's background work. */
export interface ShardWork {
  readonly relay: Relay;
  readonly resolver: Resolver<Resolution>;
}

/** @param works by shard name; filled by the time that requests come */
export function aftermath(shards: Shards, works: ReadonlyMap<string, ShardWork>): Aftermath {
  const workOf = (slot: number): ShardWork | undefined => works.get(shards.at(slot).shard.name);
  return {
    published: (event: OutboxEvent) => workOf(event.slot)?.relay.handOver([event]),
    decided: async (resolution) => {
      const done = workOf(resolution.slot)?.resolver.resolve(resolution);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, RESOLVE_WAIT_MS)));
      await Promise.race([done, late]);
      clearTimeout(timer);
    },
  };
}
