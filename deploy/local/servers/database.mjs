// @ts-check
/**
 * A MariaDB or MySQL of our own, at full durability: a commit that was answered outlives a crash of the server and of
 * the machine.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runLogged } from '../command.mjs';
import { STAGE } from '../guard.mjs';
import { LaunchError } from '../launch-error.mjs';
import { mysqlGreets } from '../probe.mjs';
import { bareEnv } from '../programs.mjs';
import { HOST } from './server-plan.mjs';

export const DATABASE_USER = 'tradewind';
/** Connections of all services' pools to one server, with room for tests and people. */
const CONNECTIONS_MAX = 400;
/** Redo log, in MiB: what a burst of 30 s writes, so that no checkpoint stalls it. */
const REDO_LOG_MIB = 256;
/** Seconds for which binary logs are kept: a day is enough to replay from, and bounds the disk. */
const BINLOG_SECONDS = 86_400;
/** The strict modes that both servers know, so that both refuse the same statements. */
const SQL_MODE =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/**
 * @param {import('./server-plan.mjs').ServerContext} context
 * @param {number} serverId distinct among servers that may ever replicate from each other
 * @returns {import('./server-plan.mjs').ServerPlan}
 */
export function planDatabase(context, serverId) {
  const { name, ports, programs, secrets } = context;
  const program = programs.database;
  const port = ports[name] ?? 0;
  if (program === undefined) throw new Error(`no database program was looked for, yet ${name} is to be started`);
  return {
    prepare: () => prepareData(context, program),
    command: program.server,
    args: ['--no-defaults', ...commonOptions(context, serverId), ...flavourOptions(program.flavour)],
    ready: () => mysqlGreets(port),
    address: `mysql://${DATABASE_USER}:${encodeURIComponent(secrets.DB_PASSWORD)}@${HOST}:${port}`,
  };
}

/**
 * @param {import('./server-plan.mjs').ServerContext} context
 * @param {number} serverId
 */
function commonOptions({ name, dir, ports, memory }, serverId) {
  return [
    `--datadir=${path.join(dir, 'data')}`,
    `--tmpdir=${tmpFolder(dir)}`,
    `--socket=${socketPath(dir)}`,
    `--pid-file=${path.join(dir, 'server.pid')}`,
    `--init-file=${path.join(dir, 'init.sql')}`,
    ...asRootUser(),
    `--port=${ports[name]}`,
    `--bind-address=${HOST}`,
    '--skip-name-resolve',
    `--server-id=${serverId}`,
    '--innodb-flush-log-at-trx-commit=1',
    '--sync-binlog=1',
    '--innodb-doublewrite=ON',
    '--log-bin=binlog',
    `--binlog-expire-logs-seconds=${BINLOG_SECONDS}`,
    `--innodb-buffer-pool-size=${memory.bufferPool}M`,
    '--innodb-log-buffer-size=8M',
    '--performance-schema=OFF', // with the two table caches, halves MySQL's memory
    '--table-open-cache=1000',
    '--table-definition-cache=800',
    `--max-connections=${CONNECTIONS_MAX}`,
    '--max-allowed-packet=64M',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_bin',
    '--default-time-zone=+00:00',
    '--transaction-isolation=READ-COMMITTED',
    `--sql-mode=${SQL_MODE}`,
    '--local-infile=OFF',
  ];
}

/** @param {'MariaDB' | 'MySQL'} flavour */
function flavourOptions(flavour) {
  return flavour === 'MariaDB'
    ? [
        '--binlog-format=ROW',
        '--gtid-strict-mode=ON',
        '--log-slave-updates=ON',
        `--innodb-log-file-size=${REDO_LOG_MIB}M`,
      ]
    : // ROW is MySQL's default, and the option is on its way out
      [
        '--gtid-mode=ON',
        '--enforce-gtid-consistency=ON',
        `--innodb-redo-log-capacity=${REDO_LOG_MIB}M`,
        '--mysqlx=OFF',
        '--secure-file-priv=NULL',
      ];
}

/** Its own: a starting MariaDB removes temporary tables that it finds, also those of another one. @param {string} dir */
function tmpFolder(dir) {
  return path.join(dir, 'tmp');
}

/** Both refuse to run as root unless told. */
function asRootUser() {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** A socket's path may have 107 bytes, and a data directory may lie deep; then it lies with the temporary files. @param {string} dir */
function socketPath(dir) {
  const own = path.join(dir, 'server.sock');
  return Buffer.byteLength(own) <= 107
    ? own
    : path.join(os.tmpdir(), `tradewind-${Buffer.from(dir).toString('base64url').slice(-24)}.sock`);
}

/**
 * @param {import('./server-plan.mjs').ServerContext} context
 * @param {import('../install.mjs').DatabaseProgram} program
 */
async function prepareData(context, program) {
  const { name, dir, secrets } = context;
  mkdirSync(tmpFolder(dir), { recursive: true, mode: 0o700 });
  const flavourFile = path.join(dir, 'flavour');
  const data = path.join(dir, 'data');
  if (!existsSync(data)) await initialise(context, program, data);
  else if (readFileSync(flavourFile, 'utf8') !== program.flavour) {
    throw new LaunchError(
      `The data of ${name} in ${dir} were not made by ${program.flavour}: start with fresh data, or choose another data directory.`,
    );
  }
  const init = path.join(dir, 'init.sql');
  writeFileSync(init, initSql(program.flavour, secrets), { mode: 0o600 });
  chmodSync(init, 0o600);
}

/**
 * Makes the system tables in a directory beside and renames it: an interrupted start is repeated from nothing.
 *
 * @param {import('./server-plan.mjs').ServerContext} context
 * @param {import('../install.mjs').DatabaseProgram} program
 * @param {string} data
 */
async function initialise({ name, household, dir }, program, data) {
  const draft = `${data}.new`;
  rmSync(draft, { recursive: true, force: true });
  const common = ['--no-defaults', `--datadir=${draft}`, `--tmpdir=${tmpFolder(dir)}`, ...asRootUser()];
  const [command, args] =
    program.flavour === 'MySQL'
      ? [program.server, [...common, '--initialize-insecure']]
      : [
          program.installer ?? 'mariadb-install-db',
          [
            ...common,
            '--skip-test-db',
            '--auth-root-authentication-method=socket',
            `--auth-root-socket-user=${os.userInfo().username}`,
          ],
        ];
  await runLogged({
    what: `Making the system tables of ${name}`,
    command,
    args,
    env: bareEnv(),
    logFile: household.logFile(name),
    pidFile: household.pidFile(STAGE.database, `${name}-init`),
  });
  writeFileSync(path.join(dir, 'flavour'), program.flavour);
  renameSync(draft, data);
}

/**
 * Run by the server at each start, before it lets anyone in: one statement a line. Root gets in only through the
 * socket; MySQL's has no password until here, so it gets one.
 *
 * @param {'MariaDB' | 'MySQL'} flavour
 * @param {import('../secrets.mjs').Secrets} secrets
 */
function initSql(flavour, { DB_PASSWORD, DB_ROOT_PASSWORD }) {
  const users = [HOST, 'localhost'].flatMap((host) => {
    const user = `'${DATABASE_USER}'@'${host}'`;
    return [
      `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${DB_PASSWORD}'`,
      `ALTER USER ${user} IDENTIFIED BY '${DB_PASSWORD}'`,
      `GRANT PROCESS, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${user}`,
      ...(flavour === 'MySQL'
        ? [`GRANT XA_RECOVER_ADMIN ON *.* TO ${user}`]
        : [`GRANT REPLICA MONITOR ON *.* TO ${user}`]),
      `GRANT ALL PRIVILEGES ON \`tw\\_%\`.* TO ${user}`,
    ];
  });
  const root = flavour === 'MySQL' ? [`ALTER USER 'root'@'localhost' IDENTIFIED BY '${DB_ROOT_PASSWORD}'`] : [];
  return ['SET SESSION sql_log_bin = 0', ...root, ...users].map((statement) => `${statement};\n`).join('');
}
