import type { EtcdConnection } from '@tradewind/etcd';
import { Shard, SHARD_LIMITS } from '@tradewind/mysql';
import type { ShardMap } from '@tradewind/sharding';
import type { Command, Terminal } from '../command.ts';
import { type Config, readConfig } from '../config.ts';
import { CommandFailure } from '../failure.ts';
import { type Kind, KINDS, SHARD_VARIABLES } from '../kinds.ts';
import { readMap, withEtcd } from '../map/stored-maps.ts';
import { migrateShards } from '../migrate/migrate-shards.ts';
import { ensureMap } from './shard-maps.ts';
import { fillSlotOwners } from './slot-owners.ts';
import { step } from './steps.ts';
import { ensureTopics } from './topics.ts';
import { addressOf, waitForServers } from './wait-for-servers.ts';

const VARIABLES = [...SHARD_VARIABLES, 'ETCD_ENDPOINTS', 'KAFKA_BROKERS'] as const;
type BootstrapConfig = Config<(typeof VARIABLES)[number]>;

/**
 * Brings empty servers to where the services can start. Every step looks at what is there and adds what is missing, so it may be run again
 * after a crash, before each start, and by two at once.
 */
export const bootstrapCommand: Command = {
  usage: 'bootstrap',
  summary: 'schemas, shard maps, slot owners, topics; may be repeated',
  run: async (_args, terminal) => {
    const config = readConfig(VARIABLES);
    await step(terminal, 'servers', () => waitForThose(config));
    await step(terminal, 'schemas', async () => {
      const migrated = await migrateShards(config);
      const changed = migrated.filter(({ applied }) => applied.length > 0).length;
      return `${migrated.length} shards, ${changed} of them migrated now`;
    });
    await withEtcd(config.ETCD_ENDPOINTS, async (etcd) => {
      for (const kind of KINDS) await placeKind(kind, config, etcd, terminal);
    });
    await step(terminal, 'topics', async () => (await ensureTopics(config.KAFKA_BROKERS)).join(', '));
    return 0;
  },
};

async function waitForThose(config: BootstrapConfig): Promise<string> {
  const databases = SHARD_VARIABLES.flatMap((name) => [...config[name].values()].map((url) => addressOf(url, 3306)));
  const etcd = config.ETCD_ENDPOINTS.map((url) => addressOf(url, 2379));
  return `${await waitForServers([...databases, ...etcd])} answer`;
}

async function placeKind(kind: Kind, config: BootstrapConfig, etcd: EtcdConnection, terminal: Terminal): Promise<void> {
  const urls = config[kind.variable];
  await step(terminal, kind.map, async () => {
    const { map, isNew } = await ensureMap(etcd, kind.map, [...urls.keys()]);
    const inserted = await fillAll(map, urls);
    // A map that changed while the rows were written may have given a slot away that was just claimed for its old owner.
    const { epoch } = await readMap(etcd, kind.map);
    if (epoch !== map.epoch)
      throw new CommandFailure(`the map went from epoch ${map.epoch} to ${epoch} meanwhile; run it again`);
    return `map of epoch ${epoch} ${isNew ? 'created' : 'was there'}, ${map.shards.length} shards, ${inserted} slot owners added`;
  });
}

async function fillAll(map: ShardMap, urls: ReadonlyMap<string, string>): Promise<number> {
  const limits = { ...SHARD_LIMITS, connectionsMost: 1 };
  const shards: Shard[] = [];
  try {
    for (const [name, url] of urls) shards.push(await Shard.open(name, url, [], limits));
    const { inserted, contradictions } = await fillSlotOwners(map, shards);
    if (contradictions.length > 0) throw new CommandFailure(summarize(contradictions));
    return inserted;
  } finally {
    await Promise.allSettled(shards.map((shard) => shard.close()));
  }
}

const CONTRADICTIONS_SHOWN = 10;

function summarize(contradictions: readonly string[]): string {
  const rest = contradictions.length - CONTRADICTIONS_SHOWN;
  const shown = contradictions.slice(0, CONTRADICTIONS_SHOWN).join('; ');
  return rest > 0 ? `${shown}; and ${rest} more` : shown;
}
