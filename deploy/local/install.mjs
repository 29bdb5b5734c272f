// @ts-check
/** What the servers need on this machine: found, and installed where it is missing. */
import { existsSync } from 'node:fs';
import { SERVER_NAMES, splitByAddress } from './addresses.mjs';
import { installPackages } from './apt.mjs';
import { run } from './command.mjs';
import { buildElasticsearch, buildKafka, elasticsearchHome, kafkaHome } from './jars.mjs';
import { LaunchError } from './launch-error.mjs';
import { findJava, findProgram, isExecutable } from './programs.mjs';
import { silentProgress } from './terminal.mjs';

/** Debian's package for each program. The -core and -server ones carry the program with the least around it. */
const PACKAGE_OF = Object.freeze({
  mariadbd: 'mariadb-server-core',
  'mariadb-install-db': 'mariadb-server-core',
  etcd: 'etcd-server',
  'redis-server': 'redis-server',
  mvn: 'maven',
  unzip: 'unzip',
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
});

/** @typedef {keyof typeof PACKAGE_OF} ProgramName */

/**
 * @typedef {object} Programs only those that the asked servers need
 * @property {DatabaseProgram} [database]
 * @property {string} [java]
 * @property {string} [etcd]
 * @property {string} [redis-server]
 *
 * @typedef {object} DatabaseProgram
 * @property {'MariaDB' | 'MySQL'} flavour
 * @property {string} server absolute path of mariadbd or mysqld
 * @property {string} [installer] absolute path of mariadb-install-db; MySQL initialises itself
 */

/**
 * Finds what the servers need, installs what is missing (Debian packages; the jars of Kafka and Elasticsearch into the
 * cache folder), and shows while it does.
 *
 * @param {object} [options]
 * @param {import('./terminal.mjs').Progress} [options.progress]
 * @param {readonly import('./addresses.mjs').ServerName[]} [options.servers] those to be started; default: all that the environment does not name
 * @param {NodeJS.ProcessEnv} [options.env] MYSQLD, JAVA_HOME, PATH, XDG_CACHE_HOME
 * @returns {Promise<Programs>}
 * @throws {LaunchError} something can't be had; one sentence says what to do
 */
export async function ensurePrerequisites({ progress = silentProgress, env = process.env, servers } = {}) {
  const names = servers ?? splitByAddress(SERVER_NAMES, env).missing;
  const needed = neededPrograms(names, env, {
    kafka: existsSync(kafkaHome()),
    elasticsearch: existsSync(elasticsearchHome()),
  });
  const absent = await missingPrograms(needed, env);
  if (absent.length > 0) {
    await installPackages([...new Set(absent.map((name) => PACKAGE_OF[name]))], progress);
    const still = await missingPrograms(needed, env);
    if (still.length > 0)
      throw new LaunchError(
        `Still not found after installing their packages: ${still.join(', ')}; put them on the PATH (java must be 17 or newer).`,
      );
  }
  await buildJars(names, env, progress);
  return programs(names, env);
}

/**
 * @param {readonly import('./addresses.mjs').ServerName[]} names
 * @param {NodeJS.ProcessEnv} env
 * @param {{ kafka: boolean, elasticsearch: boolean }} built whose jars are in the cache
 * @returns {ProgramName[]}
 */
export function neededPrograms(names, env, built) {
  /** @type {Set<ProgramName>} */
  const needed = new Set();
  /** @param {ProgramName[]} programNames */
  const need = (...programNames) => programNames.forEach((name) => needed.add(name));
  if (names.some((name) => name.startsWith('db-')) && !env['MYSQLD']) need('mariadbd', 'mariadb-install-db');
  if (names.includes('etcd')) need('etcd');
  if (names.includes('redis')) need('redis-server');
  for (const name of /** @type {const} */ (['kafka', 'elasticsearch'])) {
    if (!names.includes(name)) continue;
    need('java');
    if (!built[name]) need('javac', 'mvn', 'unzip');
  }
  return [...needed];
}

/** @param {readonly ProgramName[]} needed @param {NodeJS.ProcessEnv} env @returns {Promise<ProgramName[]>} */
async function missingPrograms(needed, env) {
  /** @type {ProgramName[]} */
  const missing = [];
  for (const name of needed) {
    const found =
      name === 'java' || name === 'javac'
        ? await findJava(env, { compiler: name === 'javac' })
        : findProgram(name, env);
    if (!found) missing.push(name);
  }
  return missing;
}

/**
 * @param {readonly import('./addresses.mjs').ServerName[]} names
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./terminal.mjs').Progress} progress
 */
async function buildJars(names, env, progress) {
  const wanted = [
    ...(names.includes('kafka') && !existsSync(kafkaHome()) ? [buildKafka] : []),
    ...(names.includes('elasticsearch') && !existsSync(elasticsearchHome()) ? [buildElasticsearch] : []),
  ];
  if (wanted.length === 0) return;
  const jdk = await findJava(env, { compiler: true });
  const tools = {
    mvn: findProgram('mvn', env) ?? 'mvn',
    unzip: findProgram('unzip', env) ?? 'unzip',
    javaHome: jdk?.home ?? '',
  };
  // One after the other: two Mavens that fill one empty local repository get in each other's way.
  for (const build of wanted) await build(tools, progress);
}

/**
 * @param {readonly import('./addresses.mjs').ServerName[]} names
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Programs>}
 */
async function programs(names, env) {
  /** @type {Programs} */
  const found = {};
  if (names.some((name) => name.startsWith('db-'))) found.database = await databaseProgram(env);
  if (names.includes('etcd')) found.etcd = findProgram('etcd', env) ?? 'etcd';
  if (names.includes('redis')) found['redis-server'] = findProgram('redis-server', env) ?? 'redis-server';
  if (names.includes('kafka') || names.includes('elasticsearch')) found.java = (await findJava(env))?.java ?? 'java';
  return found;
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<DatabaseProgram>} */
async function databaseProgram(env) {
  const told = env['MYSQLD'];
  const installer = findProgram('mariadb-install-db', env);
  const ofMariaDb = installer === undefined ? {} : { installer };
  if (!told) return { flavour: 'MariaDB', server: findProgram('mariadbd', env) ?? 'mariadbd', ...ofMariaDb };
  if (!told.startsWith('/') || !isExecutable(told))
    throw new LaunchError(
      `MYSQLD is ${told}; it must be the absolute path of an executable mysqld or of a wrapper of one.`,
    );
  const version = await run(told, ['--no-defaults', '--version'], { what: 'MYSQLD --version' });
  return /mariadb/i.test(version)
    ? { flavour: 'MariaDB', server: told, ...ofMariaDb }
    : { flavour: 'MySQL', server: told };
}
