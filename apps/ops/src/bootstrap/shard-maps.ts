import { type EtcdConnection, ShardMapStore } from '@tradewind/etcd';
import { OutcomeUnknown } from '@tradewind/errors';
import { type MapName, planMap, type ShardMap, ShardMapInvalid } from '@tradewind/sharding';
import { backoffMs, systemClock } from '@tradewind/time';
import { CommandFailure } from '../failure.ts';

const ATTEMPTS_MOST = 10;
const RETRY = { firstMs: 100, mostMs: 2_000 };

/**
 * Creates the map when there is none; a map that is there is only checked. Of two that create at once one wins, and the other
 * takes the winner's map.
 * @throws CommandFailure when the map names a shard that has no address here: its slots could not be reached
 */
export async function ensureMap(
  etcd: EtcdConnection,
  name: MapName,
  shards: readonly string[],
): Promise<{ map: ShardMap; isNew: boolean }> {
  const store = new ShardMapStore(etcd);
  const { map, isNew } = await persistently(async () => {
    const stored = await store.read(name);
    if (stored !== undefined) return { map: stored, isNew: false };
    const first = planMap(
      undefined,
      [...shards].sort().map((shard) => ({ name: shard })),
      { name },
    );
    if ((await store.create(first)) === 'created') return { map: first, isNew: true };
    return { map: (await store.read(name))!, isNew: false };
  });
  const unknown = map.shards.filter((shard) => !shards.includes(shard.name)).map((shard) => shard.name);
  if (unknown.length > 0)
    throw new CommandFailure(
      `the ${name} map of epoch ${map.epoch} names ${unknown.join(', ')}, which the environment does not`,
    );
  return { map, isNew };
}

/** Repeats what etcd did not answer: reading first, a repeated creation sees what the lost one did. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ShardMapInvalid || attempt === ATTEMPTS_MOST)
        throw error instanceof OutcomeUnknown ? (error.cause ?? error) : error;
      await systemClock.sleep(backoffMs(attempt, RETRY));
    }
  }
}
