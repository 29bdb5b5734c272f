import { isId, slotOfId } from '@tradewind/ids';
import { emailSlot, orderSlot, productSlot } from '@tradewind/sharding';
import type { Shard } from '@tradewind/mysql';
import type { PlacedRow, TableSource } from './audit-sources.ts';
import type { ShardGroup } from './lookup.ts';
import { walk } from './walk.ts';

type Row = Readonly<Record<string, string | number>>;

/** One sharded table: the column that its rows are walked by, what else says where a row belongs, and how. */
interface ShardedTable {
  readonly table: string;
  readonly id: string;
  readonly others?: readonly string[];
  /** @returns the slot that each of the row's ids asks for */
  readonly slots: (row: Row) => number[];
}

export interface ShardGroups {
  readonly orders: ShardGroup;
  readonly products: ShardGroup;
  readonly payments: ShardGroup;
  readonly users: ShardGroup;
}

/** The slot in an id's bits; an id that none of ours can be belongs nowhere. */
function gene(id: string | number | undefined): number {
  const text = String(id);
  return isId(text) ? slotOfId(text) : -1;
}

const byOrderId = (row: Row): number[] => [gene(row['order_id'])];
const byProductId = (row: Row): number[] => [productSlot(String(row['product_id']))];
/** The shop's own accounts exist once in each slot. */
const byWallet = (row: Row): number[] => (row['kind'] === 'wallet' ? [orderSlot(String(row['owner_id']))] : []);

/** Rows that carry no id with a rule of its own are only asked whether their slot is at home in their shard. */
const TABLES: Readonly<Record<keyof ShardGroups, readonly ShardedTable[]>> = {
  orders: [
    {
      table: 'orders',
      id: 'order_id',
      others: ['user_id', 'status'],
      // A void id is nobody's.
      slots: (row) => [...byOrderId(row), ...(row['status'] === 'VOID' ? [] : [orderSlot(String(row['user_id']))])],
    },
    { table: 'order_item', id: 'order_id', slots: byOrderId },
    { table: 'order_log', id: 'order_id', slots: byOrderId },
    { table: 'tcc_resolution', id: 'order_id', slots: byOrderId },
    { table: 'idempotency', id: 'subject_id', slots: (row) => [gene(row['subject_id'])] },
    { table: 'outbox', id: 'aggregate_id', slots: (row) => [gene(row['aggregate_id'])] },
  ],
  products: [
    { table: 'product', id: 'product_id', slots: byProductId },
    { table: 'stock', id: 'product_id', slots: byProductId },
    { table: 'stock_receipt', id: 'product_id', slots: byProductId },
    { table: 'stock_branch', id: 'order_id', others: ['product_id'], slots: byProductId },
    { table: 'idempotency', id: 'subject_id', slots: () => [] },
    { table: 'outbox', id: 'aggregate_id', slots: (row) => [productSlot(String(row['aggregate_id']))] },
  ],
  payments: [
    { table: 'account', id: 'owner_id', others: ['kind'], slots: byWallet },
    {
      table: 'ledger_line',
      id: 'transfer_id',
      others: ['kind', 'owner_id'],
      // The id of the order or the deposit, both of the user's slot.
      slots: (row) => [gene(row['transfer_id']), ...byWallet(row)],
    },
    {
      table: 'payment_branch',
      id: 'order_id',
      others: ['user_id'],
      slots: (row) => [...byOrderId(row), orderSlot(String(row['user_id']))],
    },
    { table: 'idempotency', id: 'user_id', slots: (row) => [orderSlot(String(row['user_id']))] },
  ],
  users: [
    {
      table: 'app_user',
      id: 'user_id',
      others: ['email'],
      slots: (row) => [gene(row['user_id']), emailSlot(String(row['email']))],
    },
  ],
};

/** Every sharded table of every shard, as far as its rows' places are concerned. */
export function tableSource(groups: ShardGroups): TableSource {
  return {
    async *rows() {
      for (const kind of Object.keys(TABLES) as (keyof ShardGroups)[]) {
        const group = groups[kind];
        for (const shard of group.shards.values()) {
          yield await owners(group, shard);
          for (const table of TABLES[kind]) yield* tableRows(group, shard, table);
        }
      }
    },
  };
}

function mappedShard({ router: { map } }: ShardGroup, slot: number): string | undefined {
  return map.shards[map.owners[slot] ?? -1]?.name;
}

/** The fence too must say what the map says, or writers are let in where they must not be. */
async function owners(group: ShardGroup, shard: Shard): Promise<PlacedRow[]> {
  const rows = await shard.read<{ slot: number }>('SELECT slot FROM slot_owner');
  return rows.map(({ slot }) => ({
    ...{ table: 'slot_owner', shard: shard.name, slot, key: `slot ${slot}` },
    ...{ mapped: mappedShard(group, slot), slotsById: [] },
  }));
}

async function* tableRows(group: ShardGroup, shard: Shard, { table, id, others = [], slots }: ShardedTable) {
  const columns = ['slot', id, ...others].join(', ');
  yield* walk(shard, [{ table, id }], async (reader, span): Promise<PlacedRow[]> => {
    const { sql, values } = span.on(id);
    const rows = await reader.rows<Row & { slot: number }>(
      `SELECT DISTINCT ${columns} FROM ${table} WHERE ${sql}`,
      values,
    );
    return rows.map((row) => ({
      ...{ table, shard: shard.name, slot: row.slot, key: `${id} ${row[id]}` },
      ...{ mapped: mappedShard(group, row.slot), slotsById: slots(row) },
    }));
  });
}
