// @ts-check
/**
 * Whatever happens to the launcher, its children end: see guard.sh, which this starts and which outlives it.
 *
 * Holds on Linux (needs /proc) as long as the guard itself is not killed; then the next start ends the leftovers.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from './launch-error.mjs';
import { readText, statLine, stillRunning } from './pid-file.mjs';

const GUARD_SCRIPT = fileURLToPath(new URL('guard.sh', import.meta.url));
/** Exit code of guard.sh when another guard holds the directory (EX_TEMPFAIL). */
const TAKEN = 75;
/** How long the guard lets a stage end by itself: MariaDB and Kafka write out what they hold, a few seconds on a slow disk. */
export const GRACE_SECONDS = 20;
/** How long we wait for the guard of a launcher that died just now: three stages, each with its grace and a kill. */
const HANDOVER_MS = (3 * GRACE_SECONDS + 20) * 1000;
const HANDOVER_POLL_MS = 200;

/** In which order things end: the lower first. */
export const STAGE = Object.freeze({ service: 1, server: 2, database: 3 });

/**
 * @typedef {object} Household one data directory, held by this process
 * @property {string} dir absolute
 * @property {(stage: number, name: string) => string} pidFile where a child writes who it is
 * @property {(name: string) => string} logFile
 * @property {() => Promise<void>} close gives the directory back once every holder has; children must have ended
 */

/** @type {Map<string, Promise<{ household: Household, holders: number }>>} */
const households = new Map();

/**
 * Takes the data directory for this process, and ends first what a crashed run left in it. Servers and services
 * started by one process share one household.
 *
 * @param {string} dataDir created when missing, readable by its owner only
 * @returns {Promise<Household>}
 * @throws {LaunchError} another launcher uses the directory
 */
export async function openHousehold(dataDir) {
  mkdirSync(path.join(dataDir, 'run'), { recursive: true, mode: 0o700 });
  mkdirSync(path.join(dataDir, 'log'), { recursive: true, mode: 0o700 });
  const dir = realpathSync(dataDir);
  const opening = households.get(dir) ?? takeDirectory(dir);
  households.set(dir, opening);
  try {
    const held = await opening;
    held.holders += 1;
    return held.household;
  } catch (error) {
    households.delete(dir);
    throw error;
  }
}

/** @param {string} dir */
async function takeDirectory(dir) {
  const run = path.join(dir, 'run');
  const guard = await startGuardInTurn(run);
  writeFileSync(path.join(run, 'launcher.pid'), statLine(process.pid), { mode: 0o600 });
  const held = {
    holders: 0,
    household: {
      dir,
      /** @param {number} stage @param {string} name */
      pidFile: (stage, name) => path.join(run, `${stage}-${name}.pid`),
      /** @param {string} name */
      logFile: (name) => path.join(dir, 'log', `${name}.log`),
      close: async () => {
        held.holders -= 1;
        if (held.holders > 0) return;
        households.delete(dir);
        rmSync(path.join(run, 'launcher.pid'), { force: true });
        await guard.release();
      },
    },
  };
  return held;
}

/**
 * Starts the guard, waiting while the guard of a dead launcher is still ending that one's children.
 *
 * @param {string} run
 */
async function startGuardInTurn(run) {
  const deadline = Date.now() + HANDOVER_MS;
  for (;;) {
    const guard = await startGuard(run);
    if (guard !== undefined) return guard;
    const holder = stillRunning(readText(path.join(run, 'launcher.pid')));
    if (holder !== undefined || Date.now() > deadline) {
      const who =
        holder === undefined ? 'what an earlier launcher left behind' : `another launcher (process ${holder})`;
      throw new LaunchError(
        `The data directory ${path.dirname(run)} is in use by ${who}: stop that one, or choose another directory.`,
      );
    }
    await sleep(HANDOVER_POLL_MS);
  }
}

/**
 * @param {string} run
 * @returns {Promise<{ release: () => Promise<void> } | undefined>} undefined when another guard holds the directory
 */
async function startGuard(run) {
  // Detached: a session of its own, so that the terminal's Ctrl-C does not reach it.
  const guard = spawn('/bin/sh', [GUARD_SCRIPT, run, String(GRACE_SECONDS)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve, reject) => {
    guard.once('error', reject);
    guard.once('exit', resolve);
  });
  const ready = new Promise((resolve) => guard.stdout.once('data', resolve));
  const outcome = await Promise.race([ended, ready.then(() => /** @type {const} */ ('ready'))]);
  if (outcome === TAKEN) return undefined;
  if (outcome !== 'ready')
    throw new LaunchError(
      `The guard process ended with code ${outcome}; it needs sh, flock and /proc, as on any Debian.`,
    );
  letProcessEnd(guard);
  return {
    release: async () => {
      guard.ref();
      guard.stdin.end();
      await ended;
    },
  };
}

/**
 * The guard alone must not keep the launcher alive.
 *
 * @param {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null>} guard
 */
function letProcessEnd(guard) {
  guard.unref();
  guard.stdout.destroy();
  /** @type {import('node:net').Socket} */ (guard.stdin).unref();
  guard.stdin.on('error', () => {}); // it was killed; the next start ends the leftovers
}
