import { Refusal } from '@tradewind/errors';
import { marks, type Tx } from './shard.ts';

/**
 * The fence of the shard map (D2): the first statement of every write transaction. It holds shared locks on the rows that say which
 * slots this database owns until the transaction ends, so a move that wants to take a slot away waits for writers that are inside and
 * turns away those that come later, whatever map they route by.
 *
 * A row's epoch is that of the map which gave the slot to this shard; a writer that routes by an older map is refused too.
 *
 * @param epoch of the map that the caller routed by
 * @throws Refusal `unavailable` when a slot isn't owned here: the caller's map is stale; repeat after the router has caught up
 */
export async function requireSlots(tx: Tx, slots: readonly number[], epoch: number): Promise<void> {
  const wanted = [...new Set(slots)].sort((a, b) => a - b);
  const owned = await tx.rows<{ slot: number; epoch: number }>(
    `SELECT slot, epoch FROM slot_owner WHERE slot IN (${marks(wanted.length)}) LOCK IN SHARE MODE`,
    wanted,
  );
  if (owned.length === wanted.length && owned.every((row) => row.epoch <= epoch)) return;
  throw new Refusal('unavailable', { detail: 'this data is moving to another shard', retryAfter: 1 });
}
