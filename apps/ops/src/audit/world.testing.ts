import { randomUUID } from 'node:crypto';
import { connectElastic, type Elastic } from '@tradewind/elastic';
import { connectEtcd, type EtcdConnection, ShardMapStore } from '@tradewind/etcd';
import { SnowflakeIds, soloLease } from '@tradewind/ids';
import { connectKafka, type KafkaConnection } from '@tradewind/kafka';
import type { Shard, SqlValue } from '@tradewind/mysql';
import { type FreshSchema, freshSchema } from '@tradewind/mysql/testing';
import type { OutboxEvent } from '@tradewind/outbox';
import { type MapName, planMap, type ShardMap } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { fillSlotOwners } from '../bootstrap/slot-owners.ts';
import { KINDS } from '../kinds.ts';
import { audit, INVARIANTS, type Verdict } from './audit.ts';
import type { AuditSources } from './audit-sources.ts';
import { eventSource } from './event-source.ts';
import { idsIn, type OpenSources, openSources } from './sources.ts';

/** Shards of each kind in a test: two where rows can lie in the wrong one, one where a test has no use for more. */
const SHARDS: Readonly<Record<MapName, readonly string[]>> = {
  orders: ['order-0', 'order-1'],
  products: ['inventory-0', 'inventory-1'],
  payments: ['payment-0'],
  users: ['storefront-0'],
};

/** What the schema forbids, a disk or a person with a client can still do: the auditor is tested without that net. */
const LOOSENED: Partial<Record<MapName, readonly string[]>> = {
  products: ['stock.stock_available', 'stock.stock_frozen', 'stock.stock_on_hand'],
  payments: ['account.account_frozen', 'account.account_limit'],
};

const keyword = { type: 'keyword' } as const;
const INDEX_FIELDS = {
  ...{ orderId: keyword, orderKey: keyword, userId: keyword, status: keyword, productIds: keyword, currency: keyword },
  names: { type: 'text' },
  version: { type: 'long' },
  total: { type: 'long' },
  createdAt: { type: 'date' },
  updatedAt: { type: 'date' },
} as const;

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must name a server to test against`);
  return value;
}

/** A fault to plant: a statement without its WHERE, or a row to insert. */
export interface Plant {
  readonly map: MapName;
  readonly table: string;
  /** Which rows it may touch; names the slot. */
  readonly where: Readonly<Record<string, SqlValue>>;
  readonly fault: string | Readonly<Record<string, SqlValue>>;
  /** Where; the slot's own shard when absent. */
  readonly shard?: Shard;
}

/** A whole system's data, small and of its own: schemas, maps, a topic and an index that no other test sees. */
export class World {
  readonly maps = new Map<MapName, ShardMap>();
  readonly elastic: Elastic = connectElastic({ url: required('ELASTICSEARCH_URL'), log: silentLog });
  readonly kafka: KafkaConnection = connectKafka({
    brokers: required('KAFKA_BROKERS').split(','),
    clientId: 'audit-test',
    log: silentLog,
  });
  readonly alias = `tradewind-test-${randomUUID()}`;
  topic = '';
  /** What was sent to a topic, to send it again to another. */
  readonly events: OutboxEvent[] = [];
  readonly #etcd: EtcdConnection = connectEtcd({
    endpoints: required('ETCD_ENDPOINTS'),
    log: silentLog,
    prefix: `/tradewind-test-${randomUUID()}`,
  });
  readonly #ids = new SnowflakeIds({ lease: soloLease(1), clock: systemClock });
  readonly #schemas = new Map<string, FreshSchema>();
  #sources: Promise<OpenSources> | undefined;

  static async open(): Promise<World> {
    const world = new World();
    try {
      for (const { map, migrations } of KINDS) await world.#openKind(map, migrations);
      await world.newTopic();
      await world.elastic.ensureIndex(world.alias, {
        settings: { number_of_shards: 1, number_of_replicas: 0 },
        properties: INDEX_FIELDS,
      });
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #openKind(name: MapName, migrations: string): Promise<void> {
    const map = planMap(
      undefined,
      SHARDS[name].map((shard) => ({ name: shard })),
      { name },
    );
    await new ShardMapStore(this.#etcd).create(map);
    this.maps.set(name, map);
    for (const shard of SHARDS[name]) {
      this.#schemas.set(shard, await freshSchema(migrations, { name: shard, slots: [] }));
      for (const constraint of LOOSENED[name] ?? []) {
        const [table, check] = constraint.split('.');
        await this.shard(shard).pool.query(`ALTER TABLE ${table} DROP CONSTRAINT ${check}`);
      }
    }
    await fillSlotOwners(
      map,
      SHARDS[name].map((shard) => this.shard(shard)),
    );
  }

  shard(name: string): Shard {
    return this.#schemas.get(name)!.shard;
  }

  shardAt(map: MapName, slot: number): Shard {
    const { shards, owners } = this.maps.get(map)!;
    return this.shard(shards[owners[slot]!]!.name);
  }

  /** A shard of the same kind that the slot does not belong to. */
  strangerTo(map: MapName, slot: number): Shard {
    const home = this.shardAt(map, slot).name;
    return this.shard(SHARDS[map].find((name) => name !== home)!);
  }

  /** Runs a statement where a slot lives. @returns how many rows it changed */
  run(map: MapName, slot: number, sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return this.shardAt(map, slot).transaction((tx) => tx.run(sql, values));
  }

  insert(map: MapName, table: string, row: Readonly<Record<string, SqlValue>>, shard?: Shard): Promise<number> {
    const columns = Object.keys(row);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    const home = shard ?? this.shardAt(map, row['slot'] as number);
    return home.transaction((tx) => tx.run(sql, Object.values(row)));
  }

  /**
   * Plants a fault in the rows that `where` names, lets the auditor look, and puts the rows back as they were.
   * @returns what offends while the fault is there, as `namesOf` gives it
   * @throws Error when the fault changed nothing, or when something offends after it is gone
   */
  async planted(id: string, { map, table, where, fault, shard }: Plant): Promise<string[]> {
    const home = shard ?? this.shardAt(map, where['slot'] as number);
    const condition = Object.keys(where)
      .map((column) => `${column} = ?`)
      .join(' AND ');
    const values = Object.values(where);
    const saved = await home.read<Record<string, SqlValue>>(`SELECT * FROM ${table} WHERE ${condition}`, values);
    const changes =
      typeof fault === 'string'
        ? await home.transaction((tx) => tx.run(`${fault} WHERE ${condition}`, values))
        : await this.insert(map, table, fault, home);
    if (changes === 0) throw new Error(`the fault changed nothing: ${JSON.stringify(where)}`);
    const found = namesOf(await this.audit(id));
    await home.transaction((tx) => tx.run(`DELETE FROM ${table} WHERE ${condition}`, values));
    for (const row of saved) await this.insert(map, table, row, home);
    const after = await this.audit(id);
    if (after.verdict !== 'clean') throw new Error(`offends without the fault: ${JSON.stringify(after)}`);
    return found;
  }

  mint(slot = 0): Promise<string> {
    return Promise.resolve(this.#ids.mint(slot));
  }

  /** From here on events go to, and are audited in, a topic that holds none yet. */
  async newTopic(): Promise<void> {
    this.topic = `tradewind-test-${randomUUID()}`;
    await this.kafka.ensureTopics([{ topic: this.topic, partitions: 2 }]);
  }

  async send(events: readonly OutboxEvent[]): Promise<void> {
    const sender = this.kafka.sender({ topic: this.topic, source: '/tradewind/test' });
    const results = await sender.send(events);
    await sender.close();
    if (results.some(({ outcome }) => outcome !== 'sent')) throw new Error('an event was not sent');
  }

  /** What the auditor says of one invariant now. */
  async audit(id: string, { acknowledgedFile }: { acknowledgedFile?: string } = {}): Promise<Verdict> {
    this.#sources ??= this.#open();
    const sources: AuditSources = {
      ...(await this.#sources),
      events: eventSource(this.kafka, this.topic),
      acknowledged: acknowledgedFile === undefined ? undefined : () => idsIn(acknowledgedFile),
    };
    const invariants = INVARIANTS.filter((invariant) => invariant.id === id);
    const progress = { onLook: () => {}, onChecked: () => {}, onLooked: () => {} };
    const [verdict] = await audit(sources, { invariants, settleMs: 0, progress });
    return verdict!;
  }

  #open(): Promise<OpenSources> {
    const urls = (map: MapName): Map<string, string> =>
      new Map(SHARDS[map].map((name) => [name, this.#schemas.get(name)!.url]));
    const config = {
      ...{ ORDER_SHARDS: urls('orders'), INVENTORY_SHARDS: urls('products') },
      ...{ PAYMENT_SHARDS: urls('payments'), STOREFRONT_SHARDS: urls('users') },
      ETCD_ENDPOINTS: required('ETCD_ENDPOINTS').split(','),
      KAFKA_BROKERS: required('KAFKA_BROKERS').split(','),
      ELASTICSEARCH_URL: required('ELASTICSEARCH_URL'),
    };
    return openSources(config, this.#etcd, { topic: this.topic, alias: this.alias });
  }

  async close(): Promise<void> {
    await this.#sources?.then((sources) => sources.close());
    await this.elastic.client.indices.delete({ index: `${this.alias}-*` }).catch(() => {});
    await this.#etcd.client
      .delete()
      .prefix(this.#etcd.prefix)
      .exec()
      .catch(() => {});
    await Promise.allSettled([this.elastic.close(), this.kafka.close(), this.#etcd.close()]);
    for (const schema of this.#schemas.values()) await schema.close();
  }
}

/** What offends, without the details: `key [rule]`. */
export function namesOf({ offences }: Verdict): string[] {
  return offences.map(({ key, rule }) => `${key} [${rule}]`);
}
