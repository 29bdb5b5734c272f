// @ts-check
/**
 * node deploy/local/test.mjs [--mysql] [what Vitest takes: a path, -t NAME, --project NAME]
 *
 * Runs the tests on the real servers, started once, in a private directory that is gone afterwards. The last line is
 * always `N passed, N failed`. What needs no server (a selection of rule tests) starts none.
 * --mysql: only the database tests, with the MySQL that MYSQLD names beside the other servers. Exit code 2: there is none.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { run } from './command.mjs';
import { EXIT_CODE, endingSignal } from './ending-signal.mjs';
import { LaunchError, describeError } from './launch-error.mjs';
import { REPOSITORY, ensureNodeModules } from './node-modules.mjs';
import { startServers } from './servers.mjs';
import { createTerminal } from './terminal.mjs';
import { exitCode, lastLine, tally } from './test-results.mjs';

const VITEST = path.join(REPOSITORY, 'node_modules/vitest/vitest.mjs');
/** What needs a server or the built services, by the path of the test file. */
const NEEDS_SERVERS = /\.(db|kafka|etcd|elastic|redis)\.test\.|\/test\/(journeys\/|chaos\/chaos\.)/;
const NEEDS_BUILD = /\/test\/(journeys\/|chaos\/chaos\.)/;
/** How long Vitest has to end by itself once it was told to. */
const VITEST_GRACE_MS = 10_000;
const EXIT_NO_MYSQL = 2;

const NO_MYSQL = `
********************************************************************************
*  THE DATABASE TESTS DID NOT RUN ON MYSQL: MYSQLD is not set.                  *
*  Name a mysqld of 8.4 or newer and start again, for example                   *
*      MYSQLD=/usr/sbin/mysqld npm run test:mysql                               *
********************************************************************************`;

/** @typedef {{ env: Record<string, string>, stop: () => Promise<void> }} Started */

/**
 * @param {string[]} args
 * @param {object} parts
 * @param {boolean} parts.mysql
 * @param {string} parts.dataDir
 * @param {import('./terminal.mjs').Progress} parts.progress
 * @param {(stop: () => Promise<void> | void) => void} onStarted called for each part that will have to be stopped
 * @returns {Promise<import('./test-results.mjs').Tally>}
 */
async function test(args, { mysql, dataDir, progress }, onStarted) {
  const node = await ensureNodeModules({ progress });
  const files = args.length === 0 || mysql ? undefined : await selected(node, args, dataDir);
  const needs = (/** @type {RegExp} */ what) => files === undefined || files.some((file) => what.test(file));
  if (!mysql && needs(NEEDS_BUILD)) await ensureBuilt({ progress });
  const servers = needs(NEEDS_SERVERS) ? await start(dataDir, mysql, progress) : undefined;
  if (servers !== undefined) onStarted(servers.stop);
  const report = path.join(dataDir, 'report.json');
  const env = { ...process.env, ...testVariables(servers?.env ?? {}), TRADEWIND_TEST_DATA: dataDir };
  const chosen = mysql ? ['--project', 'db', ...args] : args;
  const vitest = startVitest(
    node,
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...chosen],
    env,
  );
  onStarted(vitest.stop);
  const end = await vitest.ended;
  return tally(readOr(report), end);
}

/**
 * @param {string} dataDir
 * @param {boolean} mysql
 * @param {import('./terminal.mjs').Progress} progress
 * @returns {Promise<Started>}
 */
async function start(dataDir, mysql, progress) {
  if (!mysql) return startServers({ dataDir, fresh: true, progress });
  const version = await run(process.env['MYSQLD'] ?? '', ['--version'], { what: 'The mysqld that MYSQLD names' });
  if (/MariaDB/i.test(version))
    throw new LaunchError(`MYSQLD names a MariaDB (${version.trim()}): these tests are to run on MySQL.`);
  progress.say(`The database tests run on ${version.trim()}`);
  const env = { ...process.env, DB_A_URL: '', DB_B_URL: '' }; // a server that runs already might be another one
  return startServers({ dataDir, fresh: true, progress, env });
}

/**
 * The files that Vitest would run; without the question a typing mistake would start six servers to say "no test".
 *
 * @param {string} node
 * @param {string[]} args
 * @param {string} dataDir
 */
async function selected(node, args, dataDir) {
  const list = path.join(dataDir, 'files.json');
  await run(node, [VITEST, 'list', '--filesOnly', `--json=${list}`, ...args], {
    what: 'vitest list',
    cwd: REPOSITORY,
    env: withNodeFirst(process.env),
  });
  /** @type {{ file: string }[]} */
  const files = JSON.parse(readOr(list) || '[]');
  return files.map(({ file }) => file);
}

/** @param {Readonly<Record<string, string | undefined>>} servers @returns {Record<string, string>} what the tests read */
function testVariables({ DB_A_URL, DB_B_URL, ...others }) {
  const given = Object.entries({ TEST_DB_URL: DB_A_URL, TEST_DB_B_URL: DB_B_URL, ...others });
  return Object.fromEntries(given.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/**
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function startVitest(node, args, env) {
  const child = spawn(node, [VITEST, ...args], {
    cwd: REPOSITORY,
    env: withNodeFirst(env),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  /** @type {Promise<number | string>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 1));
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), VITEST_GRACE_MS);
    await ended;
    clearTimeout(kill);
  };
  return { ended, stop };
}

/** Tests that start processes of their own find the repository's Node first, as under npm. @param {NodeJS.ProcessEnv} env */
function withNodeFirst(env) {
  return {
    ...env,
    PATH: [path.join(REPOSITORY, 'node_modules/.bin'), env['PATH']].filter(Boolean).join(path.delimiter),
  };
}

/** After a failure the logs stay; the data, which are large, never do. @param {string} dataDir @param {boolean} keepLogs */
function clean(dataDir, keepLogs) {
  const log = path.join(dataDir, 'log');
  try {
    const keep = keepLogs && existsSync(log);
    const gone = keep ? readdirSync(dataDir).filter((name) => name !== 'log') : ['.'];
    for (const name of gone) rmSync(path.join(dataDir, name), { recursive: true, force: true, maxRetries: 3 });
    if (keep) console.log(`The servers' logs are in ${log}`);
  } catch {
    console.log(`Left behind: ${dataDir}`); // a start was interrupted, and its servers are only just ending
  }
}

/** @param {string} file */
function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function main() {
  const mysql = process.argv.includes('--mysql');
  const args = process.argv.slice(2).filter((each) => each !== '--mysql' && each !== '--');
  if (mysql && !process.env['MYSQLD']) {
    console.error(NO_MYSQL);
    process.exit(EXIT_NO_MYSQL);
  }
  const progress = createTerminal();
  const signal = endingSignal();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'tradewind-test-'));
  /** @type {(() => Promise<void> | void)[]} */
  const stops = [];
  /** @type {import('./test-results.mjs').Tally} */
  let result;
  try {
    const ended = await Promise.race([signal, test(args, { mysql, dataDir, progress }, (stop) => stops.unshift(stop))]);
    result = typeof ended === 'string' ? { passed: 0, failed: 1, troubles: [`Ended by ${ended}.`] } : ended;
    process.exitCode = typeof ended === 'string' ? EXIT_CODE[ended] : exitCode(result);
  } catch (error) {
    result = { passed: 0, failed: 1, troubles: [describeError(error)] };
    process.exitCode = 1;
  }
  for (const stop of stops) await stop();
  progress.close();
  clean(dataDir, process.exitCode !== 0);
  for (const trouble of result.troubles) console.log(trouble);
  console.log(lastLine(result));
  process.exit();
}

await main();
