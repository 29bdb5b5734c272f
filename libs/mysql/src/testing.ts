import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { EntitySchema, MixedList } from 'typeorm';
import { migrate } from './migrate.ts';
import { marks, Shard, SHARD_LIMITS, type ShardLimits } from './shard.ts';
import { Shards } from './shards.ts';

/** The most slots that any shard map has; a test's schema owns all of them unless told. */
const SLOTS_MOST = 1024;
/** The epoch by which a fresh schema owns its slots. */
const EPOCH = 1;

export interface FreshSchema {
  /** With the schema's name as its path. */
  readonly url: string;
  readonly shard: Shard;
  /** The epoch to show to `requireSlots`. */
  readonly epoch: number;
  /** Closes the shard and drops the schema. */
  close(): Promise<void>;
}

export interface FreshSchemaOptions {
  readonly entities?: MixedList<Function | EntitySchema>;
  /** Of the shard's pool. */
  readonly limits?: Partial<ShardLimits>;
  /** The slots that the schema owns; default all, 0 to 1023. */
  readonly slots?: readonly number[];
  /** The shard's name; default that of the schema. */
  readonly name?: string;
}

/**
 * A schema of its own for one test file, on the server that TEST_DB_URL names, migrated and owning its slots.
 * @param folder with the migrations, an absolute path
 * @throws Error when TEST_DB_URL is missing: a database test is never skipped
 */
export async function freshSchema(folder: string, options: FreshSchemaOptions = {}): Promise<FreshSchema> {
  const server = process.env['TEST_DB_URL'];
  if (!server) throw new Error('TEST_DB_URL must name a database server, as mysql://user:password@host:port');
  const schema = `tw_test_${randomBytes(8).toString('hex')}`;
  const url = withPath(server, schema);
  await migrate(url, folder);
  const shard = await Shard.open(options.name ?? schema, url, options.entities, { ...SHARD_LIMITS, ...options.limits });
  const slots = options.slots ?? Array.from({ length: SLOTS_MOST }, (_, slot) => slot);
  if (slots.length > 0) {
    const values = slots.flatMap((slot) => [slot, EPOCH]);
    await shard.pool.query(`INSERT INTO slot_owner (slot, epoch) VALUES ${marks(slots.length, 2)}`, values);
  }
  return { url, shard, epoch: EPOCH, close: () => drop(server, schema, shard) };
}

export interface TwoShards {
  readonly shards: Shards;
  /** What the router claims from now on; the schemas own their slots at epoch 1. */
  readonly route: { epoch: number };
  close(): Promise<void>;
}

/**
 * Two schemas as two shards, `<kind>-0` and `<kind>-1`: even slots lie on the first, odd ones on the second.
 * @param folder with the migrations, an absolute path
 */
export async function twoShards(
  kind: string,
  folder: string,
  entities: MixedList<Function | EntitySchema> = [],
): Promise<TwoShards> {
  const schemas = await Promise.all([0, 1].map((n) => freshSchema(folder, { name: `${kind}-${n}` })));
  const urls = new Map(schemas.map(({ shard, url }) => [shard.name, url]));
  const route = { epoch: EPOCH };
  const router = { shardOf: (slot: number) => ({ shard: `${kind}-${slot % 2}`, epoch: route.epoch }) };
  const shards = await Shards.open(urls, router, { entities });
  const close = async (): Promise<void> => {
    await shards.close();
    await Promise.all(schemas.map((schema) => schema.close()));
  };
  return { shards, route, close };
}

async function drop(server: string, schema: string, shard: Shard): Promise<void> {
  await shard.close();
  const connection = await createConnection({ uri: withPath(server, '') });
  try {
    await connection.query(`DROP DATABASE IF EXISTS \`${schema}\``);
  } finally {
    await connection.end();
  }
}

function withPath(server: string, path: string): string {
  const url = new URL(server);
  url.pathname = `/${path}`;
  return url.toString();
}
