import { type MapName, type ShardMap, ShardMapInvalid, ShardRouter, type Strategy } from '@tradewind/sharding';
import type { Log } from '@tradewind/telemetry';
import { backoffMs } from '@tradewind/time';
import type { EtcdConnection } from './connection.ts';
import { readCachedMap, writeCachedMap } from './map-cache.ts';
import { ShardMapStore } from './shard-map-store.ts';
import { watchKey } from './watch-key.ts';

export interface WatchShardMapOptions {
  readonly etcd: EtcdConnection;
  /** Where the last map is kept for a start without etcd. Several processes may share it. */
  readonly cacheFile?: string;
  readonly log?: Log;
  /** What this process is configured for; a map of another strategy is refused. Default `md5`. */
  readonly strategy?: Strategy;
  /** How long a start without a cached copy waits for etcd or for somebody to create the map, in ms. Default 5,000. */
  readonly startMs?: number;
  /** Called after each exchange of the map, not for the first one. */
  readonly onChange?: (map: ShardMap) => void;
}

const RETRY = { firstMs: 50, mostMs: 500 };

/**
 * Starts a router that follows the map in etcd.
 * @throws ShardMapInvalid when the map is of another strategy, or broken and there is no cached copy;
 *   Error when there is neither an answer from etcd within `startMs` nor a cached copy.
 */
export async function watchShardMap(name: MapName, options: WatchShardMapOptions): Promise<WatchedRouter> {
  const log = options.log ?? options.etcd.log;
  const strategy = options.strategy ?? 'md5';
  const cached = await readCache(name, strategy, options, log);
  const stored = await readFirst(name, strategy, options, cached !== undefined, log);
  const isCacheUsed = cached !== undefined && (stored === undefined || stored.epoch < cached.epoch);
  const map = isCacheUsed ? cached : stored;
  if (map === undefined) throw new Error(`etcd at ${options.etcd.endpoints.join(', ')} has no map "${name}"`);
  if (isCacheUsed) {
    const file = options.cacheFile;
    log.warn({ map: name, epoch: map.epoch, storedEpoch: stored?.epoch, file }, 'shard map taken from the cached copy');
  }
  return new WatchedRouter(map, isCacheUsed ? 'cache' : 'etcd', { ...options, log, strategy });
}

/**
 * A router that is kept up to date. It survives etcd being away (the last map stays), a lost or compacted watch (each ring of the watch is
 * followed by a full read), and a broken map (the last good one stays, and the log says why).
 */
export class WatchedRouter extends ShardRouter {
  /** Where the first map came from. */
  readonly source: 'etcd' | 'cache';
  readonly #options: WatchShardMapOptions & { log: Log; strategy: Strategy };
  readonly #store: ShardMapStore;
  readonly #stopWatch: () => void;
  #isStopped = false;
  #isReading = false;
  #isStale = false;
  #caching: Promise<void> = Promise.resolve();

  constructor(
    map: ShardMap,
    source: 'etcd' | 'cache',
    options: WatchShardMapOptions & { log: Log; strategy: Strategy },
  ) {
    super(map);
    this.source = source;
    this.#options = options;
    this.#store = new ShardMapStore(options.etcd);
    if (source === 'etcd') this.#cache(map);
    this.#stopWatch = watchKey(options.etcd, this.#store.key(map.name), () => void this.refresh());
  }

  /** Keeps the last map from now on; resolves when the cached copy is written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopWatch();
    await this.#caching;
  }

  /** Reads the map now. Calls that meet a read under way lead to exactly one more, which sees what they were called for. Never rejects. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    for (let attempt = 1; this.#isStale && !this.#isStopped;) {
      this.#isStale = false;
      if (await this.#readOnce()) continue;
      this.#isStale = true;
      await this.#options.etcd.clock.sleep(backoffMs(attempt++, RETRY));
    }
    this.#isReading = false;
  }

  /** @returns whether etcd answered. */
  async #readOnce(): Promise<boolean> {
    const { log, strategy } = this.#options;
    const { name } = this.map;
    try {
      const map = await this.#store.read(name, strategy);
      if (map === undefined)
        log.error({ map: name, epoch: this.epoch }, 'shard map gone from etcd, keeping the last one');
      else this.#take(map);
    } catch (error) {
      if (!(error instanceof ShardMapInvalid)) return false;
      log.error({ map: name, epoch: this.epoch, reason: error.message }, 'shard map refused, keeping the last one');
    }
    return true;
  }

  #take(map: ShardMap): void {
    const { log, onChange } = this.#options;
    const { epoch } = this;
    if (map.epoch < epoch)
      log.error({ map: map.name, epoch, storedEpoch: map.epoch }, 'shard map in etcd is older than ours');
    if (this.#isStopped || !this.apply(map)) return;
    log.info({ map: map.name, epoch: map.epoch, previousEpoch: epoch }, 'shard map exchanged');
    this.#cache(map);
    try {
      onChange?.(map);
    } catch (error) {
      log.error({ map: map.name, reason: String(error) }, 'a listener of the shard map threw');
    }
  }

  #cache(map: ShardMap): void {
    const { cacheFile, log } = this.#options;
    if (cacheFile === undefined) return;
    this.#caching = this.#caching
      .then(() => writeCachedMap(cacheFile, map))
      .catch((error: unknown) => log.warn({ file: cacheFile, reason: String(error) }, 'shard map not cached'));
  }
}

async function readCache(
  name: MapName,
  strategy: Strategy,
  options: WatchShardMapOptions,
  log: Log,
): Promise<ShardMap | undefined> {
  if (options.cacheFile === undefined) return undefined;
  try {
    return await readCachedMap(options.cacheFile, { name, strategy });
  } catch (error) {
    if (error instanceof ShardMapInvalid && error.fault === 'strategy') throw error;
    log.warn({ file: options.cacheFile, reason: String(error) }, 'cached shard map can not be used');
    return undefined;
  }
}

/** The first read. With a cached copy at hand one attempt is enough; without one, until `startMs` is over. */
async function readFirst(
  name: MapName,
  strategy: Strategy,
  { etcd, startMs = 5_000 }: WatchShardMapOptions,
  hasCache: boolean,
  log: Log,
): Promise<ShardMap | undefined> {
  const store = new ShardMapStore(etcd);
  const deadline = etcd.clock.elapsed() + startMs;
  for (let attempt = 1; ; attempt++) {
    let failure: unknown;
    try {
      const map = await store.read(name, strategy);
      if (map || hasCache) return map;
    } catch (error) {
      if (error instanceof ShardMapInvalid && (error.fault === 'strategy' || !hasCache)) throw error;
      if (hasCache) {
        log.warn({ map: name, reason: String(error) }, 'shard map not read from etcd');
        return undefined;
      }
      failure = error;
    }
    if (etcd.clock.elapsed() < deadline) await etcd.clock.sleep(backoffMs(attempt, RETRY));
    else if (failure === undefined) return undefined;
    else
      throw new Error(`no map "${name}" from etcd at ${etcd.endpoints.join(', ')} within ${startMs} ms`, {
        cause: failure,
      });
  }
}
