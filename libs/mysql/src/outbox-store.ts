import type { AggregateRef, EventRef, OutboxEvent, OutboxStats, OutboxStore } from '@tradewind/outbox';

/** What the store needs of a mysql2/promise pool or connection: a server-side prepared statement. */
export interface OutboxSql {
  execute(sql: string, values: (string | number | null)[]): Promise<[unknown, unknown]>;
}

/** What the writer needs: a statement of its own transaction. A mysql2 connection and TypeORM's EntityManager both fit. */
export interface OutboxTransaction {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

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

/** Rows a statement at most. Tuples are padded to a power of two, so that a connection holds ten prepared texts and not a thousand. */
const TUPLES_MOST = 512;
/** outbox.parked_reason VARCHAR(500). */
const REASON_CHARS_MOST = 500;

const COLUMNS = 'slot, aggregate_id AS aggregateId, version, type, payload, traceparent, created_at AS createdAt';
const ONE_EVENT = 'slot = ? AND aggregate_id = CAST(? AS UNSIGNED) AND version = ?';

/** The row's id is compared as an integer: left as text, MySQL may compare both as doubles, and 63-bit ids that differ in the last digits are equal then. */
const AGGREGATE = '(slot = ? AND aggregate_id = CAST(? AS UNSIGNED))';

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

/** Writes the events of a transaction into its shard's outbox. Text protocol: a row count that varies would fill the server with prepared statements. */
export async function insertOutbox(transaction: OutboxTransaction, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const tuples = events.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ');
  const values = events.flatMap((e) => [
    e.slot,
    e.aggregateId,
    e.version,
    e.type,
    e.payload,
    e.traceparent,
    e.createdAt,
  ]);
  const columns = 'slot, aggregate_id, version, type, payload, traceparent, created_at';
  await transaction.query(`INSERT INTO outbox (${columns}) VALUES ${tuples}`, values);
}

async function read(sql: OutboxSql, limit: number, after?: EventRef): Promise<OutboxEvent[]> {
  return select<OutboxEvent>(sql, 'parked_at IS NULL', limit, after);
}

async function parked(sql: OutboxSql, limit: number, after?: EventRef): Promise<ParkedEvent[]> {
  const columns = `${COLUMNS}, parked_at AS parkedAt, parked_reason AS parkedReason`;
  return select<ParkedEvent>(sql, 'parked_at IS NOT NULL', limit, after, columns);
}

/** A row comparison `(a, b, c) > (x, y, z)` would read the key from its start; spelled out, both servers seek. */
async function select<T>(
  sql: OutboxSql,
  where: string,
  limit: number,
  after?: EventRef,
  columns = COLUMNS,
): Promise<T[]> {
  const order = `ORDER BY slot, aggregate_id, version LIMIT ${whole(limit)}`;
  if (after === undefined)
    return rows<T>(await sql.execute(`SELECT ${columns} FROM outbox WHERE ${where} ${order}`, []));
  const { slot, aggregateId, version } = after;
  const seek =
    'slot >= ? AND (slot > ? OR (slot = ? AND (aggregate_id > CAST(? AS UNSIGNED) OR (aggregate_id = CAST(? AS UNSIGNED) AND version > ?))))';
  const values = [slot, slot, slot, aggregateId, aggregateId, version];
  return rows<T>(await sql.execute(`SELECT ${columns} FROM outbox WHERE ${where} AND ${seek} ${order}`, values));
}

async function readAggregates(
  sql: OutboxSql,
  aggregates: readonly AggregateRef[],
  limit: number,
): Promise<OutboxEvent[]> {
  const found: OutboxEvent[] = [];
  for (let from = 0; from < aggregates.length && found.length < limit; from += TUPLES_MOST) {
    const chunk = padded(aggregates.slice(from, from + TUPLES_MOST));
    const where = chunk.map(() => AGGREGATE).join(' OR ');
    const text = `SELECT ${COLUMNS} FROM outbox FORCE INDEX (PRIMARY) WHERE parked_at IS NULL AND (${where})
      ORDER BY slot, aggregate_id, version LIMIT ${whole(limit - found.length)}`;
    const result = await sql.execute(
      text,
      chunk.flatMap((ref) => [ref.slot, ref.aggregateId]),
    );
    found.push(...rows<OutboxEvent>(result));
  }
  return found;
}

/** FORCE INDEX: on a short table the optimizer prefers a scan, and a scanning delete waits for every row that an open transaction has inserted. */
async function remove(sql: OutboxSql, events: readonly EventRef[]): Promise<void> {
  for (let from = 0; from < events.length; from += TUPLES_MOST) {
    const chunk = padded(events.slice(from, from + TUPLES_MOST));
    const where = chunk.map(() => `(${ONE_EVENT})`).join(' OR ');
    const values = chunk.flatMap((event) => [event.slot, event.aggregateId, event.version]);
    await sql.execute(`DELETE outbox FROM outbox FORCE INDEX (PRIMARY) WHERE ${where}`, values);
  }
}

async function park(sql: OutboxSql, event: EventRef, reason: string): Promise<void> {
  const text = `UPDATE outbox SET parked_at = UTC_TIMESTAMP(3), parked_reason = ? WHERE ${ONE_EVENT}`;
  const cut = [...reason].slice(0, REASON_CHARS_MOST).join('');
  await sql.execute(text, [cut, event.slot, event.aggregateId, event.version]);
}

async function stats(sql: OutboxSql): Promise<OutboxStats> {
  const oldest = 'MIN(CASE WHEN parked_at IS NULL THEN created_at END)';
  const text = `SELECT COUNT(*) - COUNT(parked_at) AS waiting, COUNT(parked_at) AS parked,
    TIMESTAMPDIFF(MICROSECOND, ${oldest}, UTC_TIMESTAMP(3)) AS oldestAgeUs FROM outbox`;
  const [row] = rows<{ waiting: number; parked: number; oldestAgeUs: number | string | null }>(
    await sql.execute(text, []),
  );
  const oldestAgeMs = Math.max(0, Number(row?.oldestAgeUs ?? 0) / 1000);
  return { rows: Number(row?.waiting ?? 0), parked: Number(row?.parked ?? 0), oldestAgeMs };
}

async function changesOne(sql: OutboxSql, text: string, event: EventRef): Promise<boolean> {
  const [result] = await sql.execute(text, [event.slot, event.aggregateId, event.version]);
  return (result as { affectedRows: number }).affectedRows === 1;
}

/** Repeats the last entry up to a power of two; the repeat names the same row, so the result does not change. */
function padded<T>(entries: readonly T[]): T[] {
  const last = entries.at(-1);
  if (last === undefined) return [];
  const size = 2 ** Math.ceil(Math.log2(entries.length));
  return [...entries, ...Array.from({ length: size - entries.length }, () => last)];
}

/** LIMIT is written into the text: as a parameter mysql2 sends it as a double, which MySQL refuses. */
function whole(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RangeError(`a limit must be a whole number from 1: ${limit}`);
  return limit;
}

/** mysql2 gives BIGINTs as text only beyond 2^53 unless bigNumberStrings is on; an id is text here, whatever the pool's options. */
function rows<T>(result: [unknown, unknown]): T[] {
  return (result[0] as (T & { aggregateId?: unknown })[]).map((row) =>
    row.aggregateId === undefined ? row : { ...row, aggregateId: String(row.aggregateId) },
  );
}
