import { checkShardMap, type ShardMap } from './shard-map.ts';
import { encodeShardMap } from './shard-map-json.ts';
import { ShardMapInvalid } from './shard-map-invalid.ts';
import { type Slot, slotOf } from './slot.ts';

/** Where a slot lives, and as of which epoch: what a write transaction shows to the shard, which refuses an old one. */
export interface Placement {
  readonly shard: string;
  readonly epoch: number;
}

/**
 * Answers where a slot lives, from memory.
 *
 * Intuition: one array with an entry for each slot, exchanged as a whole. A reader that runs while the map changes sees the old table
 * or the new one, never a mixture, because the exchange is one assignment.
 *
 * Rules: the epoch never goes back; strategy, name and number of slots never change, for a key would lie in another slot. A router may be
 * behind: that is safe only because the shard itself checks the epoch of every write.
 */
export class ShardRouter {
  #map: ShardMap;
  #table: readonly Placement[];

  constructor(map: ShardMap) {
    checkShardMap(map);
    this.#map = map;
    this.#table = tableOf(map);
  }

  get map(): ShardMap {
    return this.#map;
  }

  get epoch(): number {
    return this.#map.epoch;
  }

  /** No I/O and nothing allocated: all slots of a shard share one frozen answer. */
  shardOf(slot: Slot): Placement {
    const placement = this.#table[slot];
    if (placement === undefined) throw new RangeError(`no slot ${slot} among ${this.#map.slots}`);
    return placement;
  }

  slotOf(key: string): Slot {
    return slotOf(this.#map.strategy, this.#map.slots, key);
  }

  /**
   * @returns whether the map was taken; false when it is not newer than the one in use.
   * @throws ShardMapInvalid when it is broken, of another name, strategy or slot count, or another map of the epoch in use.
   */
  apply(map: ShardMap): boolean {
    checkShardMap(map);
    for (const field of ['name', 'strategy', 'slots'] as const) {
      if (map[field] !== this.#map[field]) {
        throw new ShardMapInvalid(field, `"${map[field]}" can't replace "${this.#map[field]}" while the process runs`);
      }
    }
    if (map.epoch === this.#map.epoch && encodeShardMap(map) !== encodeShardMap(this.#map)) {
      throw new ShardMapInvalid('epoch', `two different maps of epoch ${map.epoch}`);
    }
    if (map.epoch <= this.#map.epoch) return false;
    const table = tableOf(map);
    this.#map = map;
    this.#table = table;
    return true;
  }
}

function tableOf(map: ShardMap): readonly Placement[] {
  const placements = map.shards.map(({ name }) => Object.freeze({ shard: name, epoch: map.epoch }));
  return map.owners.map((owner) => placements[owner]!);
}
