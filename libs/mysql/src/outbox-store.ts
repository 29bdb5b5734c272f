import type { AggregateRef, EventRef, OutboxEvent, OutboxStats, OutboxStore } from '@tradewind/outbox';
import { marks, type Shard, type Tx } from './shard.ts';

/** What the store needs of a shard: prepared statements that end, whatever the server does, and each commit by themselves. */
type OutboxSql = Pick<Shard, 'read' | 'run'>;

/** A parked event, for the operator. */
export interface ParkedEvent extends OutboxEvent {
  readonly parkedAt: Date;
  readonly parkedReason: string;
}

/** The operator's side of the table. */
export interface ParkedEvents {
  parked(limit: number, after?: EventRef): Promise<ParkedEvent[]>;
  /** Puts a parked event back in line. @returns whether it was there and parked. */
  replay(event: EventRef): Promise<boolean>;
  /** Deletes a parked event for good; the caller records who and why. @returns whether it was there and parked. */
  discard(event: EventRef): Promise<boolean>;
}

/** outbox.parked_reason VARCHAR(500). */
const REASON_CHARS_MOST = 500;

const COLUMNS =
  'outbox.slot, aggregate_id AS aggregateId, outbox.version, type, payload, traceparent, created_at AS createdAt';
/** The id is compared as an integer: as text, a server may compare doubles, and 63-bit ids that differ in the last digits are equal then. */
const ONE_EVENT = 'slot = ? AND aggregate_id = CAST(? AS UNSIGNED) AND version = ?';

/**
 * The rows that a statement is about, as one parameter, so that one prepared text serves every count. Joined from this side, the server looks up
 * exactly these keys. (A list of ORs let MariaDB scan the whole slot, and a scanning delete waits for every row that an open
 * transaction has inserted: up to the lock timeout.)
 */
const KEYS =
  "JSON_TABLE(?, '$[*]' COLUMNS (slot SMALLINT UNSIGNED PATH '$[0]', id BIGINT UNSIGNED PATH '$[1]', version INT UNSIGNED PATH '$[2]')) AS wanted";
const SAME_AGGREGATE = 'outbox.slot = wanted.slot AND outbox.aggregate_id = wanted.id';

/**
 * The outbox table of one shard. READ COMMITTED: every read is a consistent read without locks, and a delete touches only the rows it names,
 * so that neither waits for a writer's transaction.
 */
export function createOutboxStore(sql: OutboxSql): OutboxStore & ParkedEvents {
  return {
    read: (limit, after) => read(sql, limit, after),
    readAggregates: (aggregates, limit) => readAggregates(sql, aggregates, limit),
    remove: (events) => remove(sql, events),
    park: (event, reason) => park(sql, event, reason),
    stats: () => stats(sql),
    parked: (limit, after) => parked(sql, limit, after),
    replay: (event) =>
      changesOne(
        sql,
        `UPDATE outbox SET parked_at = NULL, parked_reason = NULL WHERE ${ONE_EVENT} AND parked_at IS NOT NULL`,
        event,
      ),
    discard: (event) => changesOne(sql, `DELETE FROM outbox WHERE ${ONE_EVENT} AND parked_at IS NOT NULL`, event),
  };
}

/** Rows an insert: each count is a prepared statement of its own on the connection. */
const INSERT_ROWS_MOST = 64;

/** Writes events into their shard's outbox, in the transaction that changes their aggregates. Hand them to the relay after its commit. */
export async function insertOutbox(tx: Pick<Tx, 'run'>, events: readonly OutboxEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += INSERT_ROWS_MOST) {
    const chunk = events.slice(from, from + INSERT_ROWS_MOST);
    const columns = 'slot, aggregate_id, version, type, payload, traceparent, created_at';
    const values = chunk.flatMap((event) => [
      event.slot,
      event.aggregateId,
      event.version,
      event.type,
      event.payload,
      event.traceparent,
      event.createdAt,
    ]);
    await tx.run(`INSERT INTO outbox (${columns}) VALUES ${marks(chunk.length, 7)}`, values);
  }
}

async function read(sql: OutboxSql, limit: number, after?: EventRef): Promise<OutboxEvent[]> {
  return select(sql, `SELECT ${COLUMNS} FROM outbox WHERE parked_at IS NULL`, limit, after);
}

async function parked(sql: OutboxSql, limit: number, after?: EventRef): Promise<ParkedEvent[]> {
  const columns = `${COLUMNS}, parked_at AS parkedAt, parked_reason AS parkedReason`;
  return select(sql, `SELECT ${columns} FROM outbox WHERE parked_at IS NOT NULL`, limit, after);
}

/** A row comparison `(a, b, c) > (x, y, z)` would read the key from its start; spelled out, both servers seek. */
function select<T>(sql: OutboxSql, head: string, limit: number, after?: EventRef): Promise<T[]> {
  const order = `ORDER BY slot, aggregate_id, version LIMIT ${whole(limit)}`;
  if (after === undefined) return sql.read<T>(`${head} ${order}`);
  const { slot, aggregateId, version } = after;
  const id = 'CAST(? AS UNSIGNED)';
  const seek = `slot >= ? AND (slot > ? OR (slot = ? AND (aggregate_id > ${id} OR (aggregate_id = ${id} AND version > ?))))`;
  return sql.read<T>(`${head} AND ${seek} ${order}`, [slot, slot, slot, aggregateId, aggregateId, version]);
}

async function readAggregates(
  sql: OutboxSql,
  aggregates: readonly AggregateRef[],
  limit: number,
): Promise<OutboxEvent[]> {
  const text = `SELECT ${COLUMNS} FROM ${KEYS} STRAIGHT_JOIN outbox ON ${SAME_AGGREGATE}
    WHERE parked_at IS NULL ORDER BY outbox.slot, aggregate_id, outbox.version LIMIT ${whole(limit)}`;
  const keys = JSON.stringify(aggregates.map((ref) => [ref.slot, ref.aggregateId]));
  return sql.read<OutboxEvent>(text, [keys]);
}

async function remove(sql: OutboxSql, events: readonly EventRef[]): Promise<void> {
  const text = `DELETE outbox FROM ${KEYS} STRAIGHT_JOIN outbox ON ${SAME_AGGREGATE} AND outbox.version = wanted.version`;
  await sql.run(text, [JSON.stringify(events.map((event) => [event.slot, event.aggregateId, event.version]))]);
}

async function park(sql: OutboxSql, event: EventRef, reason: string): Promise<void> {
  const text = `UPDATE outbox SET parked_at = UTC_TIMESTAMP(3), parked_reason = ? WHERE ${ONE_EVENT}`;
  const cut = [...reason].slice(0, REASON_CHARS_MOST).join('');
  await sql.run(text, [cut, event.slot, event.aggregateId, event.version]);
}

async function stats(sql: OutboxSql): Promise<OutboxStats> {
  const oldest = 'MIN(CASE WHEN parked_at IS NULL THEN created_at END)';
  const text = `SELECT COUNT(*) - COUNT(parked_at) AS waiting, COUNT(parked_at) AS parked,
    TIMESTAMPDIFF(MICROSECOND, ${oldest}, UTC_TIMESTAMP(3)) AS oldestAgeUs FROM outbox`;
  const [row] = await sql.read<{
    waiting: number | string;
    parked: number | string;
    oldestAgeUs: number | string | null;
  }>(text);
  const oldestAgeMs = Math.max(0, Number(row?.oldestAgeUs ?? 0) / 1000);
  return { rows: Number(row?.waiting ?? 0), parked: Number(row?.parked ?? 0), oldestAgeMs };
}

async function changesOne(sql: OutboxSql, text: string, event: EventRef): Promise<boolean> {
  return (await sql.run(text, [event.slot, event.aggregateId, event.version])) === 1;
}

/** LIMIT is written into the text: as a parameter mysql2 sends it as a double, which MySQL refuses. */
function whole(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RangeError(`a limit must be a whole number from 1: ${limit}`);
  return limit;
}
