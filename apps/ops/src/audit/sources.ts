import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ORDERS_TOPIC } from '@tradewind/contracts';
import { connectElastic } from '@tradewind/elastic';
import type { EtcdConnection } from '@tradewind/etcd';
import { connectKafka } from '@tradewind/kafka';
import { Shard, SHARD_LIMITS } from '@tradewind/mysql';
import { ShardRouter } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import type { Config } from '../config.ts';
import { CommandFailure, sentenceOf } from '../failure.ts';
import { KINDS, SHARD_VARIABLES } from '../kinds.ts';
import { readMap } from '../map/stored-maps.ts';
import type { AuditSources } from './audit-sources.ts';
import { eventSource } from './event-source.ts';
import { indexSource } from './index-source.ts';
import { ledgerSource } from './ledger-source.ts';
import type { ShardGroup } from './lookup.ts';
import { orderSource } from './order-source.ts';
import { stockSource } from './stock-source.ts';
import { type ShardGroups, tableSource } from './table-source.ts';
import { STATEMENT_MS } from './walk.ts';

export const AUDIT_VARIABLES = [...SHARD_VARIABLES, 'ETCD_ENDPOINTS', 'KAFKA_BROKERS', 'ELASTICSEARCH_URL'] as const;
export type AuditConfig = Config<(typeof AUDIT_VARIABLES)[number]>;

/** What the search service calls its index of orders. */
const ORDERS_ALIAS = 'tradewind-orders';
/** A reader of each invariant under way and its look-ups. */
const CONNECTIONS_MOST = 4;
const ACKNOWLEDGED_PAGE = 1_000;

export interface SourceOptions {
  readonly topic?: string;
  readonly alias?: string;
  /** One order id a line. */
  readonly acknowledgedFile?: string | undefined;
}

export interface OpenSources extends AuditSources {
  close(): Promise<void>;
}

/** Connects to everything that is audited. @throws CommandFailure naming the database that can't be reached */
export async function openSources(
  config: AuditConfig,
  etcd: EtcdConnection,
  options: SourceOptions = {},
): Promise<OpenSources> {
  const { topic = ORDERS_TOPIC, alias = ORDERS_ALIAS, acknowledgedFile } = options;
  const opened: Shard[] = [];
  const groups = {} as Record<keyof ShardGroups, ShardGroup>;
  try {
    for (const { map, variable } of KINDS) {
      const shards = await openShards(config[variable], opened);
      groups[map] = { router: new ShardRouter(await readMap(etcd, map)), shards };
    }
  } catch (error) {
    await Promise.allSettled(opened.map((shard) => shard.close()));
    throw error;
  }
  const kafka = connectKafka({ brokers: config.KAFKA_BROKERS, clientId: 'tradewind-audit', log: silentLog });
  const elastic = connectElastic({ url: config.ELASTICSEARCH_URL, log: silentLog });
  return {
    now: () => new Date(),
    stock: stockSource(groups.products),
    ledger: ledgerSource(groups.payments),
    orders: orderSource(groups.orders, groups.products),
    events: eventSource(kafka, topic),
    index: indexSource(elastic, alias),
    tables: tableSource(groups),
    acknowledged: acknowledgedFile === undefined ? undefined : () => idsIn(acknowledgedFile),
    close: async () => {
      await Promise.allSettled([kafka.close(), elastic.close(), ...opened.map((shard) => shard.close())]);
    },
  };
}

async function openShards(urls: ReadonlyMap<string, string>, opened: Shard[]): Promise<Map<string, Shard>> {
  const limits = {
    ...SHARD_LIMITS,
    connectionsMost: CONNECTIONS_MOST,
    acquireMs: STATEMENT_MS,
    statementMs: STATEMENT_MS,
  };
  const shards = new Map<string, Shard>();
  for (const [name, url] of urls) {
    const shard = await Shard.open(name, url, [], limits).catch((error: unknown) => {
      throw new CommandFailure(`${name} can't be reached: ${sentenceOf(error)}`);
    });
    shards.set(name, shard);
    opened.push(shard);
  }
  return shards;
}

/** The ids of a file, one a line, page by page. */
export async function* idsIn(file: string): AsyncGenerator<string[], void, undefined> {
  let page: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const id = line.trim();
    if (id === '' || page.push(id) < ACKNOWLEDGED_PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
