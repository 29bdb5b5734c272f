// @ts-check
import { existsSync } from 'node:fs';
import { run } from './command.mjs';
import { LaunchError } from './launch-error.mjs';
import { findProgram } from './programs.mjs';

/** Seconds that apt waits for another apt to finish, as on a machine that has just booted. */
const LOCK_SECONDS = 120;
/**
 * Packages that bring a system service with them. RUNLEVEL=1 lets invoke-rc.d start none at installation; where
 * systemd runs, the new ones are switched off as well, since the launcher runs servers of its own.
 */
const UNIT_OF = Object.freeze({ 'etcd-server': 'etcd.service', 'redis-server': 'redis-server.service' });

/**
 * Installs Debian packages, as root or through sudo without a password. Services that run already are not touched.
 *
 * @param {readonly string[]} packages
 * @param {import('./terminal.mjs').Progress} progress
 * @returns {Promise<void>}
 * @throws {LaunchError} we may not, or apt failed; says what to install
 */
export async function installPackages(packages, progress) {
  const asRoot = await rootPrefix();
  const byHand = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!findProgram('apt-get') || asRoot === undefined) {
    throw new LaunchError(`Programs are missing that only an administrator can install; on Debian run: sudo ${byHand}`);
  }
  const step = progress.step('apt', `installing ${packages.join(' ')}`);
  try {
    await install(asRoot, packages, step.note);
    await switchOffServices(asRoot, packages);
    step.done(`installed ${packages.join(' ')}`);
  } catch (error) {
    step.fail();
    throw error;
  }
}

/** @returns {Promise<string[] | undefined>} what to put before a command to run it as root */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  if (!sudo) return undefined;
  return run(sudo, ['-n', 'true']).then(
    () => [sudo, '-n'],
    () => undefined,
  );
}

/**
 * Package lists are fetched only when the installation fails without: they may be absent or old.
 *
 * @param {string[]} asRoot
 * @param {readonly string[]} packages
 * @param {(text: string) => void} note
 */
async function install(asRoot, packages, note) {
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  await aptGet(asRoot, args, note).catch(async () => {
    await aptGet(asRoot, ['update'], note);
    await aptGet(asRoot, args, note);
  });
}

/**
 * @param {string[]} asRoot
 * @param {string[]} args
 * @param {(text: string) => void} note
 */
async function aptGet(asRoot, args, note) {
  const environment = ['RUNLEVEL=1', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C.UTF-8'];
  const [command = 'env', ...rest] = [
    ...asRoot,
    'env',
    ...environment,
    'apt-get',
    '-q',
    '-o',
    `DPkg::Lock::Timeout=${LOCK_SECONDS}`,
    ...args,
  ];
  await run(command, rest, {
    what: `apt-get ${args.join(' ')}`,
    onLine: (line) => /^(Get|Unpacking|Setting up)/.test(line) && note(line),
  });
}

/** @param {string[]} asRoot @param {readonly string[]} packages */
async function switchOffServices(asRoot, packages) {
  if (!existsSync('/run/systemd/system')) return;
  const units = packages.flatMap((name) =>
    name in UNIT_OF ? [UNIT_OF[/** @type {keyof typeof UNIT_OF} */ (name)]] : [],
  );
  if (units.length === 0) return;
  const [command = '', ...rest] = [...asRoot, 'systemctl', 'disable', '--now', ...units];
  await run(command, rest).catch(() => {}); // only a convenience
}
