import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

/** How long one migrator waits for another on the same schema, seconds. */
const LOCK_SECONDS = 60;

export interface Migrated {
  readonly schema: string;
  /** Names of the files that were applied now; empty when the schema was up to date. */
  readonly applied: readonly string[];
}

interface MigrationFile {
  readonly name: string;
  readonly checksum: string;
  readonly statements: readonly string[];
}

/**
 * Brings the schema that `url` names up to the numbered files of `folder`, creating it when it is missing. DDL commits by itself, so
 * progress is kept per statement: a migrator that died goes on behind the last statement that it noted, and the one it was at is
 * repeated (write them so that they may be: IF NOT EXISTS). Two migrators of one schema wait for each other.
 * @throws Error when a file that was applied has changed since
 */
export async function migrate(url: string, folder: string): Promise<Migrated> {
  const files = await readMigrations(folder);
  const schema = decodeURIComponent(new URL(url).pathname.slice(1));
  if (!/^[a-z0-9_]{1,64}$/.test(schema)) throw new Error(`not a schema name: ${schema}`);
  const connection = await createConnection({ uri: withoutPath(url), connectTimeout: 5000 });
  try {
    await connection.query(`CREATE DATABASE IF NOT EXISTS \`${schema}\` CHARACTER SET utf8mb4`);
    await connection.query(`USE \`${schema}\``);
    return { schema, applied: await underLock(connection, schema, () => apply(connection, files)) };
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}

async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      const plain = text.replace(/^\s*--.*$/gm, '');
      const statements = plain
        .split(/;\s*(?:\n|$)/)
        .map((each) => each.trim())
        .filter((each) => each !== '');
      return { name, checksum: createHash('sha256').update(plain).digest('hex'), statements };
    }),
  );
}

async function underLock<T>(connection: Connection, schema: string, work: () => Promise<T>): Promise<T> {
  const lock = `tradewind.migrate.${schema}`.slice(0, 64);
  const [rows] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS got', [lock, LOCK_SECONDS]);
  if (Number(rows[0]?.['got']) !== 1)
    throw new Error(`another migrator holds ${schema} for more than ${LOCK_SECONDS} s`);
  try {
    return await work();
  } finally {
    await connection.query('DO RELEASE_LOCK(?)', [lock]);
  }
}

async function apply(connection: Connection, files: readonly MigrationFile[]): Promise<string[]> {
  await connection.query(
    `CREATE TABLE IF NOT EXISTS schema_migration (
       name VARCHAR(100) CHARACTER SET ascii NOT NULL PRIMARY KEY, checksum CHAR(64) CHARACTER SET ascii NOT NULL,
       statements_done INT UNSIGNED NOT NULL, updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
     ) ENGINE=InnoDB`,
  );
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT name, checksum, statements_done FROM schema_migration',
  );
  const known = new Map(rows.map((row) => [String(row['name']), row]));
  const applied: string[] = [];
  for (const file of files) {
    const row = known.get(file.name);
    if (row && row['checksum'] !== file.checksum)
      throw new Error(`${file.name} has changed since it was applied; add a new file instead`);
    const done = Number(row?.['statements_done'] ?? 0);
    if (row && done === file.statements.length) continue;
    await applyFile(connection, file, done);
    applied.push(file.name);
  }
  return applied;
}

async function applyFile(connection: Connection, file: MigrationFile, done: number): Promise<void> {
  for (const [index, statement] of file.statements.entries()) {
    if (index < done) continue;
    await connection.query(statement);
    await connection.query(
      `INSERT INTO schema_migration (name, checksum, statements_done) VALUES (?, ?, ?)
       ON DUPLICATE KEY UPDATE statements_done = VALUES(statements_done)`,
      [file.name, file.checksum, index + 1],
    );
  }
}

function withoutPath(url: string): string {
  const parsed = new URL(url);
  parsed.pathname = '/';
  return parsed.toString();
}
