import type { Shard, SqlValue } from '@tradewind/mysql';
import { CommandFailure, sentenceOf } from '../failure.ts';

/** Rows of the leading table in one page: a few hundred kilobytes. */
const PAGE_ROWS = 2_000;
/**
 * Slots that one page spans. Tables beside the leading one are grouped by the server within a page's slots, so this bounds the server's work for
 * one statement. What a slot costs depends on the shop: pages that are quick are made wider, slow ones narrower.
 */
const PAGE_SLOTS = { first: 4, most: 256 };
const PAGE_MS = { quick: 100, slow: 1_000 };
/** A statement that scans those rows on a busy server. */
export const STATEMENT_MS = 60_000;

/** No id is larger; as the id of `after` it says "behind everything in this slot". */
const ID_LAST = '18446744073709551615';

export interface Reader {
  rows<T>(sql: string, values?: readonly SqlValue[]): Promise<T[]>;
}

/** A stretch of a table that is ordered by (slot, id): behind `after`, up to and with `upTo`. */
export interface Span {
  /** @param id the column that the stretch is cut by; @returns the condition and its values */
  on(id: string): { readonly sql: string; readonly values: readonly SqlValue[] };
}

interface Mark {
  readonly slot: number;
  readonly id: string;
}

/**
 * Walks through one shard by (slot, id), page by page, in constant memory. The pages tile all slots that any of the tables has rows in, so that
 * rows of the other tables whose leading row is missing are met too.
 *
 * @param tables each with the column of the id; the first leads: its rows are what a page counts
 * @param read what to read of a page's span, in one snapshot
 */
export async function* walk<T>(
  shard: Shard,
  tables: readonly { readonly table: string; readonly id: string }[],
  read: (reader: Reader, span: Span) => Promise<T>,
): AsyncGenerator<T, void, undefined> {
  const [leading] = tables;
  if (leading === undefined) return;
  const slots = await slotsOf(shard, tables);
  let width = PAGE_SLOTS.first;
  for (let start = 0; start < slots.length;) {
    const stretch = slots.slice(start, start + width);
    const end: Mark = { slot: stretch.at(-1)!, id: ID_LAST };
    let after: Mark | undefined = { slot: stretch[0]! - 1, id: ID_LAST };
    let slowestMs = 0;
    while (after !== undefined) {
      const from: Mark = after;
      const begun = performance.now();
      const page: { result: T; last: Mark | undefined } = await snapshot(shard, async (reader) => {
        const last = await pageEnd(reader, leading, spanOf(from, end));
        return { result: await read(reader, spanOf(from, last ?? end)), last };
      });
      slowestMs = Math.max(slowestMs, performance.now() - begun);
      yield page.result;
      after = page.last;
    }
    start += stretch.length;
    width = nextWidth(width, slowestMs);
  }
}

function nextWidth(width: number, slowestMs: number): number {
  if (slowestMs < PAGE_MS.quick) return Math.min(PAGE_SLOTS.most, width * 2);
  return slowestMs > PAGE_MS.slow ? Math.max(1, Math.trunc(width / 2)) : width;
}

async function slotsOf(shard: Shard, tables: readonly { readonly table: string }[]): Promise<number[]> {
  const slots = new Set<number>();
  for (const { table } of tables) {
    const rows = await shard.read<{ slot: number }>(`SELECT DISTINCT slot FROM ${table}`);
    for (const { slot } of rows) slots.add(slot);
  }
  return [...slots].sort((a, b) => a - b);
}

/** @returns the key of the page's last row; undefined when the span holds no more than a page. */
async function pageEnd(reader: Reader, leading: { table: string; id: string }, span: Span): Promise<Mark | undefined> {
  const { sql, values } = span.on(leading.id);
  const [row] = await reader.rows<{ slot: number; id: string }>(
    `SELECT slot, ${leading.id} AS id FROM ${leading.table} WHERE ${sql} ORDER BY slot, ${leading.id} LIMIT 1 OFFSET ${PAGE_ROWS - 1}`,
    values,
  );
  return row;
}

/** A row comparison `(slot, id) > (?, ?)` would read the key from its start; spelled out, both servers seek. */
function spanOf(after: Mark, upTo: Mark): Span {
  return {
    on: (id) => ({
      sql: `slot BETWEEN ? AND ? AND (slot > ? OR ${id} > CAST(? AS UNSIGNED)) AND (slot < ? OR ${id} <= CAST(? AS UNSIGNED))`,
      values: [Math.max(0, after.slot), upTo.slot, after.slot, after.id, upTo.slot, upTo.id],
    }),
  };
}

/** Runs reads that all see the same moment. It is kept short: an open snapshot makes the server keep old versions of rows. */
async function snapshot<T>(shard: Shard, work: (reader: Reader) => Promise<T>): Promise<T> {
  const connection = await shard.pool.getConnection().catch((error: unknown) => {
    throw new CommandFailure(`${shard.name} can't be reached: ${sentenceOf(error)}`);
  });
  try {
    await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const result = await work({
      rows: async <R>(sql: string, values: readonly SqlValue[] = []) => {
        const [rows] = await connection.execute({ sql, timeout: STATEMENT_MS }, values as never);
        return rows as unknown as R[];
      },
    });
    await connection.query('COMMIT');
    connection.release();
    return result;
  } catch (error) {
    connection.destroy();
    throw new CommandFailure(`${shard.name}: ${sentenceOf(error)}`);
  }
}
