import { OutcomeUnknown } from '@tradewind/errors';
import { decodeShardMap, encodeShardMap, type MapName, type ShardMap, type Strategy } from '@tradewind/sharding';
import type { EtcdConnection } from './connection.ts';

/**
 * The shard maps in etcd, one key each. Every write is a compare-and-set, so of two planners at once one is told that it was too late.
 */
export class ShardMapStore {
  readonly #etcd: EtcdConnection;

  constructor(etcd: EtcdConnection) {
    this.#etcd = etcd;
  }

  key(name: MapName): string {
    return `${this.#etcd.prefix}/maps/${name}`;
  }

  /** @throws ShardMapInvalid when what is stored is broken, or of another strategy than `strategy`. */
  async read(name: MapName, strategy?: Strategy): Promise<ShardMap | undefined> {
    const text = await this.#etcd.client.get(this.key(name)).string();
    return text === null ? undefined : decodeShardMap(text, { name, ...(strategy === undefined ? {} : { strategy }) });
  }

  /** @throws OutcomeUnknown when etcd did not answer: read before you repeat. */
  async create(map: ShardMap): Promise<'created' | 'exists'> {
    const text = encodeShardMap(map);
    const key = this.key(map.name);
    const guard = this.#etcd.client.if(key, 'Create', '==', 0);
    const isDone = await this.#commit(map, () => guard.then(this.#etcd.client.put(key).value(text)).commit());
    return isDone ? 'created' : 'exists';
  }

  /**
   * @param map of a higher epoch than `previousEpoch`.
   * @returns `stale` when the stored map is not of `previousEpoch`, or was changed meanwhile: plan again from a fresh read.
   * @throws OutcomeUnknown when etcd did not answer: read before you repeat.
   */
  async replace(map: ShardMap, previousEpoch: number): Promise<'replaced' | 'stale'> {
    if (map.epoch <= previousEpoch) throw new RangeError(`epoch ${map.epoch} does not follow ${previousEpoch}`);
    const text = encodeShardMap(map);
    const key = this.key(map.name);
    const stored = (await this.#etcd.client.get(key).exec()).kvs[0];
    if (!stored) return 'stale';
    const current = decodeShardMap(stored.value.toString(), { name: map.name, strategy: map.strategy });
    if (current.epoch !== previousEpoch) return 'stale';
    const guard = this.#etcd.client.if(key, 'Mod', '==', stored.mod_revision);
    const isDone = await this.#commit(map, () => guard.then(this.#etcd.client.put(key).value(text)).commit());
    return isDone ? 'replaced' : 'stale';
  }

  async #commit({ name, epoch }: ShardMap, commit: () => Promise<{ succeeded: boolean }>): Promise<boolean> {
    try {
      return (await commit()).succeeded;
    } catch (error) {
      throw new OutcomeUnknown(`storing the ${name} map of epoch ${epoch}`, error);
    }
  }
}
