import type { Findings, Invariant } from './invariant.ts';
import type { PlacedRow } from './audit-sources.ts';

/**
 * Everything lies where the shard map and its own id say. A row that is in two shards is in one of them against the map, since one id asks for one
 * slot and one slot has one shard.
 */
export const rowsAreAtHome: Invariant = {
  id: 'I10',
  says: 'sharding: each row lies in the slot that its id asks for, in the shard that the map names; none in two',
  check: async ({ tables }, findings) => {
    for await (const rows of tables.rows()) for (const row of rows) checkRow(row, findings);
  },
};

function checkRow({ table, shard, slot, mapped, key, slotsById }: PlacedRow, findings: Findings): void {
  const name = `${table} ${key}`;
  findings.checked();
  if (mapped !== shard)
    findings.offence(name, 'shard', `slot ${slot} lies in ${shard}, but the map says ${mapped ?? 'nowhere'}`);
  const other = slotsById.find((wanted) => wanted !== slot);
  if (other !== undefined)
    findings.offence(name, 'slot', `lies in slot ${slot} of ${shard}, but its id asks for ${other}`);
}
