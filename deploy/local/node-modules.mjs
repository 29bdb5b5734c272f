// @ts-check
/** The packages that package-lock.json names, and the Node that runs the services. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';
import { LaunchError } from './launch-error.mjs';
import { readText } from './pid-file.mjs';
import { findProgram, isExecutable } from './programs.mjs';
import { silentProgress } from './terminal.mjs';

/** The top of the repository. */
export const REPOSITORY = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Oldest Node that the services run on. The launcher itself is content with 20. */
const NODE_MAJOR_MIN = 24;

/**
 * Runs `npm ci` when node_modules is missing or was not made from package-lock.json as it is now.
 *
 * @param {object} [options]
 * @param {import('./terminal.mjs').Progress} [options.progress]
 * @param {string} [options.repository]
 * @returns {Promise<string>} absolute path of a Node that can run the services
 * @throws {LaunchError} npm is missing or failed, or there is no new enough Node
 */
export async function ensureNodeModules({ progress = silentProgress, repository = REPOSITORY } = {}) {
  if (!isInstalled(repository)) {
    const step = progress.step('packages', 'npm ci');
    try {
      await npmInstall(repository);
      markInstalled(repository);
      step.done('installed');
    } catch (error) {
      step.fail('npm ci failed');
      throw error;
    }
  }
  return serviceNode(repository);
}

/**
 * @param {string} [repository]
 * @returns {Promise<string>} absolute path of a Node that can run the services: the repository's own, else the one running this
 * @throws {LaunchError} neither is new enough
 */
export async function serviceNode(repository = REPOSITORY) {
  for (const node of [path.join(repository, 'node_modules/.bin/node'), process.execPath]) {
    if (!isExecutable(node)) continue;
    const version = await run(node, ['--version']).catch(() => '');
    if (Number(/^v(\d+)\./.exec(version)?.[1] ?? 0) >= NODE_MAJOR_MIN) return node;
  }
  throw new LaunchError(
    `The services need Node ${NODE_MAJOR_MIN} or newer, and neither node_modules/.bin/node nor ${process.execPath} is: run npm ci, or install it and start again with it.`,
  );
}

/** @param {string} repository */
async function npmInstall(repository) {
  const npm = findProgram('npm');
  if (!npm) throw new LaunchError('npm is missing: install it (on Debian: apt-get install npm) and start again.');
  // Included by name: NODE_ENV=production would leave out the compiler, and an omit setting the newer Node.
  await run(npm, ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
    what: 'npm ci',
    cwd: repository,
  });
}

/** @param {string} repository */
function isInstalled(repository) {
  if (!existsSync(path.join(repository, 'package-lock.json')))
    throw new LaunchError(`package-lock.json is missing in ${repository}.`);
  if (readText(markerFile(repository)) === lockHash(repository)) return true;
  if (!isInstalledByHand(repository)) return false;
  markInstalled(repository);
  return true;
}

/** npm keeps the list of what it installed; somebody may have run it without us. @param {string} repository */
function isInstalledByHand(repository) {
  const list = readText(path.join(repository, 'node_modules/.package-lock.json'));
  if (list === '') return false;
  const installed = JSON.parse(list);
  const lock = JSON.parse(readFileSync(path.join(repository, 'package-lock.json'), 'utf8'));
  return agrees(lock, installed) && isOnDisk(installed, repository);
}

/** npm writes its list also when it only resolves (--package-lock-only). @param {Lock} installed @param {string} repository */
function isOnDisk({ packages = {} }, repository) {
  return Object.entries(packages).every(([place, { version, link }]) => {
    if (link || version === undefined || !place.includes('node_modules/')) return true;
    const own = readText(path.join(repository, place, 'package.json'));
    return own !== '' && JSON.parse(own).version === version;
  });
}

/**
 * @typedef {{ version?: string, integrity?: string, resolved?: string, optional?: boolean, link?: boolean, peer?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

/**
 * @param {Lock} lock package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json
 * @returns {boolean} all that is locked is installed, but for optional packages (of other platforms), and nothing else
 */
export function agrees(lock, installed) {
  const wanted = lock.packages ?? {};
  const present = installed.packages ?? {};
  const inModules = (/** @type {string} */ place) => place.includes('node_modules/');
  const complete = Object.entries(wanted).every(
    ([place, it]) => !inModules(place) || it.optional || present[place] !== undefined,
  );
  const same = Object.entries(present).every(([place, it]) => {
    const locked = wanted[place];
    return (
      !inModules(place) ||
      (locked !== undefined &&
        locked.version === it.version &&
        locked.integrity === it.integrity &&
        locked.link === it.link)
    );
  });
  return complete && same;
}

/** @param {string} repository */
function markerFile(repository) {
  return path.join(repository, 'node_modules/.tradewind-installed');
}

/** @param {string} repository */
function markInstalled(repository) {
  writeFileSync(markerFile(repository), lockHash(repository));
}

/** @param {string} repository */
function lockHash(repository) {
  return createHash('sha256')
    .update(readFileSync(path.join(repository, 'package-lock.json')))
    .digest('hex');
}
