import { connectEtcd, type EtcdConnection, ShardMapStore } from '@tradewind/etcd';
import type { MapName, ShardMap } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import { CommandFailure, sentenceOf } from '../failure.ts';

/** Runs `work` with a connection to etcd and closes it whatever happens. */
export async function withEtcd<T>(
  endpoints: readonly string[],
  work: (etcd: EtcdConnection) => Promise<T>,
): Promise<T> {
  const etcd = connectEtcd({ endpoints, log: silentLog });
  try {
    return await work(etcd);
  } finally {
    await etcd.close();
  }
}

/** @throws CommandFailure when etcd does not answer or has no such map; ShardMapInvalid when the map is broken */
export async function readMap(etcd: EtcdConnection, name: MapName): Promise<ShardMap> {
  const map = await new ShardMapStore(etcd).read(name).catch((error: unknown) => {
    if ((error as Error).name === 'ShardMapInvalid') throw error;
    throw new CommandFailure(`etcd at ${etcd.endpoints.join(', ')} does not answer: ${sentenceOf(error)}`);
  });
  if (map === undefined) throw new CommandFailure(`etcd has no map "${name}" yet: run ops bootstrap`);
  return map;
}
