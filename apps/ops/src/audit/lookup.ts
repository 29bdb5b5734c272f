import { isId, slotOfId } from '@tradewind/ids';
import type { Shard } from '@tradewind/mysql';
import type { ShardRouter, Slot } from '@tradewind/sharding';

/** The shards of one kind, and the map that says which slot lies where. */
export interface ShardGroup {
  readonly router: ShardRouter;
  readonly shards: ReadonlyMap<string, Shard>;
}

/** Keys that one statement looks up. */
const KEYS_MOST = 2_000;

/** A key to look up: its slot, and up to two ids. */
export type LookupKey = readonly [slot: number, id: string, id2?: string];

/**
 * Finds rows by key in the shards that the map names, a page of keys at a time.
 *
 * This is how tables on different servers are joined: a page of one is the list of keys for the other. Their orders differ (orders by the slot of
 * the user, stock by the slot of the product), so a merge would have to sort one of them whole; and the two halves of a pair are read within
 * moments of each other, which keeps false alarms on a live system few.
 *
 * @param select what stands before FROM and, as `t`, the table; the keys are columns `slot`, `id` and `id2` of `wanted`
 */
export async function lookUp<T>(
  { router, shards }: ShardGroup,
  keys: readonly LookupKey[],
  { columns, table, on }: { columns: string; table: string; on: string },
): Promise<T[]> {
  const found: T[] = [];
  const byShard = Map.groupBy(
    keys.filter(([slot]) => slot >= 0 && slot < router.map.slots),
    ([slot]) => router.shardOf(slot as Slot).shard,
  );
  for (const [name, wanted] of byShard) {
    const shard = shards.get(name);
    if (shard === undefined) throw new Error(`the shard map names ${name}, which the environment does not`);
    for (let start = 0; start < wanted.length; start += KEYS_MOST) {
      const sql = `SELECT ${columns} FROM ${WANTED} STRAIGHT_JOIN ${table} t ON ${on}`;
      found.push(...(await shard.read<T>(sql, [JSON.stringify(wanted.slice(start, start + KEYS_MOST))])));
    }
  }
  return found;
}

/** One parameter holds all keys, typed: compared as text, 63-bit ids could be taken for doubles. */
export const WANTED = `JSON_TABLE(?, '$[*]' COLUMNS (slot SMALLINT UNSIGNED PATH '$[0]', id BIGINT UNSIGNED PATH '$[1]',
  id2 BIGINT UNSIGNED PATH '$[2]')) AS wanted`;

/** @returns the keys of orders; an id that none of ours can be has no key. */
export function orderKeys(orderIds: readonly string[]): LookupKey[] {
  return orderIds.flatMap((id) => (isId(id) ? [[slotOfId(id), id] as const] : []));
}
