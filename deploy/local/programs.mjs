// @ts-check
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';

/** Where Debian keeps servers; the PATH of an ordinary user leaves these out. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
/** Where Debian keeps its JDKs, also those that are not the default one. */
const JVM_FOLDER = '/usr/lib/jvm';
/** Oldest Java that Kafka 4 brokers and Elasticsearch 8.19 run on. */
export const JAVA_VERSION_MIN = 17;

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} its absolute path
 */
export function findProgram(name, env = process.env) {
  const folders = [...(env['PATH'] ?? '').split(path.delimiter).filter(path.isAbsolute), ...SERVER_FOLDERS];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

/** @param {string} file @returns {boolean} */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A Java that is new enough: JAVA_HOME's, else the PATH's, else any that Debian installed.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {{ compiler?: boolean }} [need] compiler: a JDK
 * @returns {Promise<{ home: string, java: string } | undefined>}
 */
export async function findJava(env = process.env, { compiler = false } = {}) {
  const javaOnPath = findProgram('java', env);
  const candidates = [env['JAVA_HOME'] && path.join(env['JAVA_HOME'], 'bin/java'), javaOnPath, ...installedJavas()];
  for (const java of candidates) {
    if (!java || !isExecutable(java)) continue;
    const home = await javaHome(java);
    if (home !== undefined && (!compiler || isExecutable(path.join(home, 'bin/javac')))) return { home, java };
  }
  return undefined;
}

/** @returns {string[]} */
function installedJavas() {
  try {
    return readdirSync(JVM_FOLDER).map((name) => path.join(JVM_FOLDER, name, 'bin/java'));
  } catch {
    return [];
  }
}

/** @param {string} java @returns {Promise<string | undefined>} undefined when it is too old or does not run */
async function javaHome(java) {
  const settings = await run(java, ['-XshowSettings:properties', '-version']).catch(() => '');
  const version = Number(/java\.specification\.version = (\d+)/.exec(settings)?.[1] ?? 0);
  return version >= JAVA_VERSION_MIN ? /java\.home = (.+)/.exec(settings)?.[1]?.trim() : undefined;
}

/**
 * What the launcher's servers get for an environment: enough to run, and nothing that changes them. (etcd reads
 * ETCD_*, MySQL reads MYSQL_*, Java reads JAVA_TOOL_OPTIONS.)
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function bareEnv(env = process.env) {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'USER'].flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return { ...Object.fromEntries(kept), LANG: 'C.UTF-8', TZ: 'UTC' };
}
