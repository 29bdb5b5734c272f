import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { DataSource, type EntityManager, type EntitySchema, type MixedList } from 'typeorm';
import { isConnectionFailure, isLockConflict, translate } from './sql-errors.ts';

/** Bounds of one shard's pool. */
export interface ShardLimits {
  /** Connections open at once. */
  readonly connectionsMost: number;
  /** Callers that may wait for a connection; one more is refused as `overloaded`. */
  readonly waitersMost: number;
  readonly connectMs: number;
  /** How long a caller waits for a free connection. */
  readonly acquireMs: number;
  /** How long one statement may take; past it the connection is dropped, which rolls its transaction back. */
  readonly statementMs: number;
}

export const SHARD_LIMITS: ShardLimits = {
  connectionsMost: 10,
  waitersMost: 1000,
  connectMs: 3000,
  acquireMs: 3000,
  statementMs: 5000,
};

/** How often a transaction that the server rolled back over a lock conflict is run again before the caller hears of it. */
const LOCK_ATTEMPTS_MOST = 6;
/** Prepared statements kept on each connection; lists of up to 100 lines make that many shapes of some statements. */
const PREPARED_MOST = 500;
/** Seconds a statement waits for a row lock (the server's default of 50 outlives every caller). */
const LOCK_WAIT_SECONDS = 3;

const sessionSql = (type: 'mysql' | 'mariadb', limits: ShardLimits): string[] => [
  // The two servers name the variable differently; this statement both know.
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  type === 'mariadb'
    ? `SET SESSION max_statement_time = ${limits.statementMs / 1000}`
    : `SET SESSION max_execution_time = ${limits.statementMs}`,
  `SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO', innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
];

export type SqlValue = string | number | bigint | boolean | Date | Buffer | null;

/** What statements are run on: one connection inside a transaction. Ids go in and come out as decimal strings. */
export interface Tx {
  /** Runs a statement that answers rows. */
  rows<T>(sql: string, values?: readonly SqlValue[]): Promise<T[]>;
  /** Runs a statement that changes rows. @returns how many rows really changed */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

/**
 * One shard: a schema on one server with its one bounded pool. TypeORM's `DataSource` owns the pool and maps rows to entities;
 * transactions run prepared statements on the same pool.
 */
export class Shard {
  readonly name: string;
  readonly #dataSource: DataSource;
  readonly #pool: Pool;
  readonly #limits: ShardLimits;

  private constructor(name: string, dataSource: DataSource, pool: Pool, limits: ShardLimits) {
    this.name = name;
    this.#dataSource = dataSource;
    this.#pool = pool;
    this.#limits = limits;
  }

  /** Connects. @throws the driver's error when the server can't be reached within `connectMs` */
  static async open(
    name: string,
    url: string,
    entities: MixedList<Function | EntitySchema> = [],
    limits = SHARD_LIMITS,
  ): Promise<Shard> {
    const type = await serverType(url, limits);
    const session = sessionSql(type, limits);
    const dataSource = new DataSource({
      type,
      url,
      entities,
      synchronize: false,
      supportBigNumbers: true,
      bigNumberStrings: true,
      timezone: 'Z',
      connectTimeout: limits.connectMs,
      poolSize: limits.connectionsMost,
      extra: {
        // Takes the flag away that mysql2 sets: an UPDATE then counts the rows that changed, not those that matched, and an upsert of an
        // equal row counts 0.
        flags: ['-FOUND_ROWS'],
        queueLimit: limits.waitersMost,
        maxPreparedStatements: PREPARED_MOST,
        enableKeepAlive: true,
      },
    });
    await dataSource.initialize();
    const raw = (dataSource.driver as unknown as { pool: CallbackPool }).pool;
    raw.on('connection', (connection) => {
      // A connection that did not take its settings must not be used; what waits for it hears so when its own time is over.
      for (const sql of session) connection.query(sql, (error) => error && connection.destroy());
    });
    const pool = raw.promise();
    // The pool's first connection, which TypeORM opened, came before the listener.
    for (const sql of session) await pool.query(sql);
    return new Shard(name, dataSource, pool, limits);
  }

  /** Runs one statement that answers rows, outside a transaction. @throws Refusal `unavailable` when the server is lost */
  async read<T>(sql: string, values: readonly SqlValue[] = []): Promise<T[]> {
    return this.#alone(
      (tx) => tx.rows<T>(sql, values),
      (error) => translate(error, this.name),
    );
  }

  /**
   * Runs one statement that changes rows, outside a transaction. It commits by itself, and is not run again after a lock conflict.
   * @returns how many rows really changed
   * @throws Refusal `unavailable` when there was no connection, or a lock conflict undid it
   * @throws OutcomeUnknown when the server was lost after that
   */
  async run(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return this.#alone(
      (tx) => tx.run(sql, values),
      (error) => new OutcomeUnknown(`a statement on ${this.name}`, error),
    );
  }

  /** @param lost what the caller hears when the connection was lost under its statement */
  async #alone<T>(work: (tx: Tx) => Promise<T>, lost: (error: unknown) => unknown): Promise<T> {
    const connection = await this.#acquire();
    try {
      return await work(bind(connection, this.#limits.statementMs));
    } catch (error) {
      if (!isConnectionFailure(error)) throw translate(error, this.name);
      connection.destroy();
      throw lost(error);
    } finally {
      connection.release();
    }
  }

  /**
   * Reads entities through TypeORM, outside a transaction.
   * @throws Refusal `unavailable` when the answer does not come within `statementMs`
   */
  async entities<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const runner = this.#dataSource.createQueryRunner();
    const connecting = runner.connect() as Promise<{ destroy(): void }>;
    try {
      return await within(
        this.#limits.statementMs,
        connecting.then(() => work(runner.manager)),
      );
    } catch (error) {
      // Its answer may never come: given back to the pool, it would take one place there for as long.
      if (isConnectionFailure(error)) connecting.then((connection) => connection.destroy()).catch(() => undefined);
      throw translate(error, this.name);
    } finally {
      // Also one that is lent only when nobody waits for it any more.
      connecting.then(() => runner.release()).catch(() => undefined);
    }
  }

  /**
   * Runs `work` in one READ COMMITTED transaction; a lock conflict runs it again from the start, so it must be free of other effects.
   * @throws Refusal as `work` threw it, after a rollback; Refusal `unavailable` when the server was lost before the commit
   * @throws OutcomeUnknown when the server was lost during the commit
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (!isLockConflict(error) || attempt === LOCK_ATTEMPTS_MOST) throw translate(error, this.name);
      }
    }
  }

  async #once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const connection = await this.#acquire();
    try {
      const result = await this.#untilCommit(connection, work);
      await this.#control(connection, 'COMMIT').catch((error: unknown) => {
        connection.destroy();
        throw new OutcomeUnknown(`commit on ${this.name}`, error);
      });
      return result;
    } finally {
      connection.release();
    }
  }

  async #untilCommit<T>(connection: PoolConnection, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      await this.#control(connection, 'START TRANSACTION');
      return await work(bind(connection, this.#limits.statementMs));
    } catch (error) {
      // A dropped connection rolls back on the server.
      if (isConnectionFailure(error)) connection.destroy();
      else await this.#control(connection, 'ROLLBACK').catch(() => connection.destroy());
      throw error;
    }
  }

  /** The driver's own methods for these have no deadline: a server that hangs would hold the connection and its caller for ever. */
  async #control(connection: PoolConnection, sql: 'START TRANSACTION' | 'COMMIT' | 'ROLLBACK'): Promise<void> {
    await within(this.#limits.statementMs, connection.query(sql));
  }

  #acquire(): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(
          new Refusal('overloaded', {
            detail: 'no database connection came free in time',
            retryAfter: 1,
            shard: this.name,
          }),
        );
      }, this.#limits.acquireMs);
      this.#pool.getConnection().then(
        (connection) => {
          clearTimeout(timer);
          if (late) connection.release();
          else resolve(connection);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(translate(error, this.name));
        },
      );
    });
  }

  /** The pool itself, without our deadlines: for those who bring their own (a snapshot over several statements). */
  get pool(): Pool {
    return this.#pool;
  }

  async close(): Promise<void> {
    await this.#dataSource.destroy();
  }
}

interface CallbackPool {
  on(
    event: 'connection',
    listener: (connection: { query(sql: string, done: (error: unknown) => void): void; destroy(): void }) => void,
  ): void;
  promise(): Pool;
}

async function serverType(url: string, limits: ShardLimits): Promise<'mysql' | 'mariadb'> {
  const connection = await createConnection({ uri: url, connectTimeout: limits.connectMs });
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    return /mariadb/i.test(String(rows[0]?.['version'])) ? 'mariadb' : 'mysql';
  } finally {
    connection.destroy();
  }
}

/**
 * Bounds a statement. The driver's own deadline begins only when what was sent before it is answered and the statement is prepared: a server
 * that hangs in between held the caller for ever. Whoever catches this drops the connection.
 */
async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(Object.assign(new Error(`no answer within ${ms} ms`), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' })),
    ms,
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function bind(connection: PoolConnection, timeoutMs: number): Tx {
  return {
    rows: async <T>(sql: string, values: readonly SqlValue[] = []) => {
      const [rows] = await within(timeoutMs, connection.execute<RowDataPacket[]>(sql, values as never));
      return rows as unknown as T[];
    },
    run: async (sql, values = []) => {
      const [header] = await within(timeoutMs, connection.execute<ResultSetHeader>(sql, values as never));
      return header.affectedRows;
    },
  };
}

/** @returns `count` comma-separated groups of `width` question marks: `(?,?),(?,?)`; with width 0 plain `?,?`. */
export function marks(count: number, width = 0): string {
  const group = width === 0 ? '?' : `(${'?,'.repeat(width - 1)}?)`;
  return `${`${group},`.repeat(count - 1)}${group}`;
}
