import { marks, type Shard } from '@tradewind/mysql';
import type { ShardMap } from '@tradewind/sharding';

/** What a look at every shard's `slot_owner` and the map came to. */
export interface OwnersFilled {
  readonly inserted: number;
  /** Rows that the map does not explain; left as they are, for a person to judge. */
  readonly contradictions: readonly string[];
}

interface OwnerRow {
  readonly slot: number;
  readonly epoch: number;
}

/**
 * Tells each shard which slots it owns, so that its fence lets writers in. Only what is missing everywhere is inserted: a slot that any shard
 * holds, or that is on its way between two, is a resharding's business. Rows that are there stay as they are, a newer epoch above all.
 */
export async function fillSlotOwners(map: ShardMap, shards: readonly Shard[]): Promise<OwnersFilled> {
  const held = new Map<string, Map<number, number>>();
  for (const shard of shards) {
    const rows = await shard.read<OwnerRow>('SELECT slot, epoch FROM slot_owner');
    held.set(shard.name, new Map(rows.map(({ slot, epoch }) => [slot, epoch])));
  }
  const missing = planInserts(map, held);
  let inserted = 0;
  for (const shard of shards) inserted += await insertMissing(shard, missing.get(shard.name) ?? [], map.epoch);
  return { inserted, contradictions: contradictionsOf(map, held) };
}

/** @returns for each shard the slots that are its by the map and that no shard has a row for. */
export function planInserts(
  map: ShardMap,
  held: ReadonlyMap<string, ReadonlyMap<number, number>>,
): Map<string, number[]> {
  const taken = new Set([...held.values()].flatMap((rows) => [...rows.keys()]));
  for (const { slot } of map.moves) taken.add(slot);
  const missing = new Map<string, number[]>();
  map.owners.forEach((owner, slot) => {
    const name = map.shards[owner]!.name;
    if (!taken.has(slot)) missing.set(name, [...(missing.get(name) ?? []), slot]);
  });
  return missing;
}

/** @returns one sentence for each row that says other than the map, or that knows a later map. */
export function contradictionsOf(map: ShardMap, held: ReadonlyMap<string, ReadonlyMap<number, number>>): string[] {
  const moving = new Set(map.moves.map((move) => move.slot));
  return [...held].flatMap(([shard, rows]) =>
    [...rows].flatMap(([slot, epoch]) => {
      const owner = map.shards[map.owners[slot] ?? -1]?.name;
      if (epoch > map.epoch)
        return [`${shard} holds slot ${slot} since epoch ${epoch}, but the ${map.name} map is of epoch ${map.epoch}`];
      if (owner === shard || moving.has(slot)) return [];
      return [
        `${shard} holds slot ${slot} since epoch ${epoch}, which the ${map.name} map gives to ${owner ?? 'nobody'}`,
      ];
    }),
  );
}

/** A row that somebody else inserted meanwhile stays. @returns how many were inserted now */
async function insertMissing(shard: Shard, slots: readonly number[], epoch: number): Promise<number> {
  if (slots.length === 0) return 0;
  const values = slots.flatMap((slot) => [slot, epoch]);
  return shard.transaction((tx) =>
    tx.run(
      `INSERT INTO slot_owner (slot, epoch) VALUES ${marks(slots.length, 2)} ON DUPLICATE KEY UPDATE slot = slot_owner.slot`,
      values,
    ),
  );
}
