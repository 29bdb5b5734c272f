// @ts-check
/**
 * Kafka and Elasticsearch from the jars that Maven Central serves, built once for each version and recipe into
 * `${XDG_CACHE_HOME:-~/.cache}/tradewind`. Built in a folder beside and renamed at the end: what is there is whole.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
/** How the name of a folder goes on that is not whole yet. */
const DRAFT = '.part-';
/** A draft that nobody touched for this long is nobody's: a build takes minutes on a slow line, in milliseconds. */
const DRAFT_AGE_MS = 6 * 60 * 60 * 1000;
export const KAFKA_VERSION = '4.3.0';
/** Versions 8.19.x: the last that the 8.19 client and a Java 17 go with. */
export const ELASTICSEARCH_VERSION = '8.19.21';

/**
 * @typedef {object} Toolchain
 * @property {string} mvn
 * @property {string} unzip
 * @property {string} javaHome of a JDK
 */

/** @param {NodeJS.ProcessEnv} [env] @returns {string} */
export function cacheFolder(env = process.env) {
  const base = env['XDG_CACHE_HOME'];
  return path.join(
    base && path.isAbsolute(base) ? base : path.join(env['HOME'] ?? os.homedir(), '.cache'),
    'tradewind',
  );
}

/** @returns {string} where the Kafka jars lie once built */
export function kafkaHome() {
  return home('kafka', KAFKA_VERSION, ['kafka/pom.xml']);
}

/** @returns {string} where Elasticsearch lies once built: lib/, modules/, classes/ */
export function elasticsearchHome() {
  return home('elasticsearch', ELASTICSEARCH_VERSION, [
    'elasticsearch/pom.xml',
    'elasticsearch/src/EsNode.java',
    'elasticsearch/src/RestRoot.java',
  ]);
}

/**
 * The recipe's hash is part of the name, so that a changed recipe is built anew and a running server keeps its files.
 *
 * @param {string} name
 * @param {string} version
 * @param {readonly string[]} recipe
 */
function home(name, version, recipe) {
  const hash = createHash('sha256');
  for (const file of recipe) hash.update(readFileSync(path.join(HERE, file)));
  return path.join(cacheFolder(), `${name}-${version}-${hash.digest('hex').slice(0, 8)}`);
}

/** @param {Toolchain} tools @param {import('./terminal.mjs').Progress} progress */
export function buildKafka(tools, progress) {
  return build(kafkaHome(), progress, (folder, note) =>
    copyJars({ name: 'kafka', version: KAFKA_VERSION, folder }, tools, note),
  );
}

/** @param {Toolchain} tools @param {import('./terminal.mjs').Progress} progress */
export function buildElasticsearch(tools, progress) {
  return build(elasticsearchHome(), progress, async (folder, note) => {
    await copyJars({ name: 'elasticsearch', version: ELASTICSEARCH_VERSION, folder }, tools, note);
    note('unpacking modules');
    await unpackModules(folder, tools.unzip);
    note('compiling the starter');
    await compileStarter(folder, tools.javaHome);
  });
}

/**
 * @param {string} target
 * @param {import('./terminal.mjs').Progress} progress
 * @param {(folder: string, note: (text: string) => void) => Promise<void>} fill
 * @returns {Promise<void>}
 */
async function build(target, progress, fill) {
  if (existsSync(target)) return;
  const name = path.basename(target).split('-')[0] ?? target;
  const step = progress.step(name, 'downloading its jars, once');
  mkdirSync(path.dirname(target), { recursive: true });
  removeOldDrafts(target);
  const draft = mkdtempSync(`${target}${DRAFT}`);
  try {
    await fill(draft, step.note);
    putInPlace(draft, target);
    step.done('downloaded');
  } catch (error) {
    step.fail('could not be downloaded');
    throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Another launcher may have put the same there meanwhile. @param {string} draft @param {string} target */
function putInPlace(draft, target) {
  try {
    renameSync(draft, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

/** What a build left that was killed. @param {string} target */
function removeOldDrafts(target) {
  const folder = path.dirname(target);
  const drafts = readdirSync(folder).filter((name) => name.startsWith(`${path.basename(target)}${DRAFT}`));
  const isOld = (/** @type {string} */ name) => Date.now() - statSync(path.join(folder, name)).mtimeMs > DRAFT_AGE_MS;
  for (const name of drafts.filter(isOld)) rmSync(path.join(folder, name), { recursive: true, force: true });
}

/**
 * @param {{ name: string, version: string, folder: string }} product name: of the folder with its pom.xml
 * @param {Toolchain} tools
 * @param {(text: string) => void} note
 */
async function copyJars({ name, version, folder }, { mvn, javaHome }, note) {
  const pom = path.join(HERE, name, 'pom.xml');
  const definitions = [`-Dproduct.version=${version}`, `-Doutdir=${path.join(folder, 'lib')}`];
  const args = ['-B', '-f', pom, ...definitions, 'dependency:copy-dependencies'];
  let files = 0;
  await run(mvn, args, {
    what: `Downloading the jars of ${name} with Maven`,
    env: { ...process.env, JAVA_HOME: javaHome },
    onLine: (line) => line.includes('Downloaded from') && note(`downloading its jars, once: ${(files += 1)} files`),
  });
}

/**
 * A module is a folder holding its jars and the descriptor that its published jar carries; it has its own class loader.
 *
 * @param {string} folder
 * @param {string} unzip
 */
async function unpackModules(folder, unzip) {
  const lib = path.join(folder, 'lib');
  for (const jar of readdirSync(lib)) {
    const listing = await run(unzip, ['-Z1', path.join(lib, jar)]);
    const descriptor = /^META-INF\/es-plugins\/([^/\n]+)\/plugin-descriptor\.properties$/m.exec(listing);
    if (!descriptor) continue;
    const module = path.join(folder, 'modules', descriptor[1] ?? '');
    mkdirSync(module, { recursive: true });
    await run(unzip, ['-q', '-o', '-j', path.join(lib, jar), `${path.dirname(descriptor[0])}/*`, '-d', module]);
    renameSync(path.join(lib, jar), path.join(module, jar));
  }
  const netty = readdirSync(lib).filter((jar) => jar.startsWith('netty-'));
  for (const jar of netty) renameSync(path.join(lib, jar), path.join(folder, 'modules/transport-netty4', jar));
}

/** @param {string} folder @param {string} javaHome */
async function compileStarter(folder, javaHome) {
  const javac = path.join(javaHome, 'bin/javac');
  const common = ['--release', '17', '-nowarn', '-cp', path.join(folder, 'lib/*'), '-d'];
  await run(javac, [...common, path.join(folder, 'classes'), path.join(HERE, 'elasticsearch/src/EsNode.java')]);
  const module = path.join(folder, 'modules/rest-root');
  const classes = path.join(folder, 'rest-root-classes');
  await run(javac, [...common, classes, path.join(HERE, 'elasticsearch/src/RestRoot.java')]);
  mkdirSync(module, { recursive: true });
  await run(path.join(javaHome, 'bin/jar'), ['cf', path.join(module, 'rest-root.jar'), '-C', classes, '.']);
  rmSync(classes, { recursive: true });
  const descriptor = {
    name: 'rest-root',
    description: 'GET / and HEAD /',
    version: ELASTICSEARCH_VERSION,
    'elasticsearch.version': ELASTICSEARCH_VERSION,
    'java.version': '17',
    classname: 'io.tradewind.local.RestRoot',
  };
  const lines = Object.entries(descriptor).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(path.join(module, 'plugin-descriptor.properties'), lines.join(''));
}
