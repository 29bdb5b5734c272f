import { Client } from '@elastic/elasticsearch';
import type { Log } from '@tradewind/telemetry';
import { bulkIndex, type BulkDoc, type BulkResult } from './bulk.ts';
import { ensureIndex, type IndexDefinition } from './index-definition.ts';
import { ELASTIC_LIMITS, type ElasticLimits } from './limits.ts';
import {
  closePit,
  type Hit,
  openPit,
  type Page,
  type PageQuery,
  scanAll,
  type ScanOptions,
  searchPage,
} from './search.ts';
import { translateRead } from './failures.ts';

export interface ElasticOptions {
  /** One address, or several of one cluster with commas between. */
  readonly url: string;
  readonly log: Log;
  readonly limits?: Partial<ElasticLimits>;
}

/** One Elasticsearch cluster. Reads throw Refusal `unavailable` when it is away, writes OutcomeUnknown: repeat them. */
export interface Elastic {
  /** The driver itself, for what isn't wrapped here. Mind its numbers: a 63-bit id must be a keyword, never a long. */
  readonly client: Client;
  /** Answers within a second, never throws. */
  ping(): Promise<boolean>;
  ensureIndex(alias: string, definition: IndexDefinition): Promise<void>;
  bulkIndex(alias: string, docs: readonly BulkDoc[]): Promise<BulkResult>;
  /** Makes everything that was indexed visible to searches; for checkers and tests, not for every write. */
  refresh(alias: string): Promise<void>;
  openPit(alias: string): Promise<string>;
  closePit(pitId: string): Promise<void>;
  searchPage<T>(query: PageQuery): Promise<Page<T>>;
  scanAll<T>(alias: string, sortField: string, options?: ScanOptions): AsyncGenerator<Hit<T>, void, undefined>;
  close(): Promise<void>;
}

/** Makes a client; connects with the first call, so an absent server is no error here. */
export function connectElastic({ url, log, limits: own }: ElasticOptions): Elastic {
  const limits = { ...ELASTIC_LIMITS, ...own };
  // The client repeats three times by default, whatever the call: here each call says whether it may be repeated.
  // Its own timeout is the longest of all: a call can shorten it, but not outlast it (undici's headersTimeout is the connection's).
  const requestTimeout = Math.max(limits.searchMs, limits.bulkMs, limits.indexMs);
  const client = new Client({ nodes: url.split(','), maxRetries: 0, requestTimeout });
  return {
    client,
    ping: () => client.ping({}, { requestTimeout: limits.pingMs }).catch(() => false),
    ensureIndex: (alias, definition) => ensureIndex({ client, limits, log }, alias, definition),
    bulkIndex: (alias, docs) => bulkIndex({ client, limits, log }, alias, docs),
    refresh: (alias) => refresh(client, limits, alias),
    openPit: (alias) => openPit({ client, limits }, alias),
    closePit: (pitId) => closePit({ client, limits }, pitId),
    searchPage: (query) => searchPage({ client, limits }, query),
    scanAll: (alias, sortField, options) => scanAll({ client, limits }, alias, sortField, options),
    close: () => client.close(),
  };
}

async function refresh(client: Client, limits: ElasticLimits, alias: string): Promise<void> {
  const options = { requestTimeout: limits.bulkMs, maxRetries: limits.retriesMost };
  await client.indices.refresh({ index: alias }, options).catch((error: unknown) => {
    throw translateRead(error);
  });
}
