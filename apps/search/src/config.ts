import { listEnv, readConfig, serviceEnv } from '@tradewind/nest';
import { z } from 'zod';

const shape = {
  ...serviceEnv,
  KAFKA_BROKERS: listEnv,
  /** One address, or several of one cluster with commas between. */
  ELASTICSEARCH_URL: z.string().regex(/^https?:\/\//, 'must begin with http:// or https://'),
  /** Of an index that is made from now on; final for each index. */
  SEARCH_INDEX_SHARDS: z.coerce.number().int().min(1).max(64).default(1),
  /** Copies of each shard beyond the first; a single node can hold none. */
  SEARCH_INDEX_REPLICAS: z.coerce.number().int().min(0).max(5).default(0),
};

/** @throws ConfigError that names every variable that is missing or wrong */
export function readSearchConfig(env: NodeJS.ProcessEnv = process.env) {
  return readConfig(shape, env);
}

export type SearchConfig = ReturnType<typeof readSearchConfig>;
