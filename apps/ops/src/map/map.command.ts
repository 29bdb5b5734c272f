import { isMapName, MAP_SLOTS, type MapName, type ShardMap } from '@tradewind/sharding';
import type { Command } from '../command.ts';
import { readConfig } from '../config.ts';
import { UsageError } from '../failure.ts';
import { readMap, withEtcd } from './stored-maps.ts';

export const mapCommand: Command = {
  usage: 'map show [orders|payments|users|products]',
  summary: 'which shard holds how many slots, by the maps in etcd',
  run: async ([verb, name], terminal) => {
    if (verb !== 'show') throw new UsageError('what can be done with a map is to show it');
    if (name !== undefined && !isMapName(name)) throw new UsageError(`there is no map "${name}"`);
    const names = name === undefined ? (Object.keys(MAP_SLOTS) as MapName[]) : [name];
    const { ETCD_ENDPOINTS } = readConfig(['ETCD_ENDPOINTS']);
    await withEtcd(ETCD_ENDPOINTS, async (etcd) => {
      for (const each of names) terminal.out(describe(await readMap(etcd, each)));
    });
    return 0;
  },
};

function describe(map: ShardMap): string {
  const counts = map.shards.map((_, index) => map.owners.filter((owner) => owner === index).length);
  const lines = map.shards.map(
    ({ name, weight, state }, index) =>
      `  ${name.padEnd(16)} ${String(counts[index]).padStart(5)} slots, weight ${weight}, ${state}`,
  );
  const moves = map.moves.map(({ slot, from, to, state }) => `  slot ${slot} moves from ${from} to ${to}: ${state}`);
  return [`${map.name}: epoch ${map.epoch}, ${map.slots} slots by ${map.strategy}`, ...lines, ...moves].join('\n');
}
