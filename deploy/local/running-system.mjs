// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { readText, stillRunning } from './pid-file.mjs';

/** @param {string} dataDir */
const envFile = (dataDir) => path.join(dataDir, 'system-env.json');

/**
 * Writes down the environment of the system that runs from a data directory, for commands in another terminal.
 *
 * @param {string} dataDir
 * @param {Readonly<Record<string, string>>} env it holds secrets: only the owner can read the file
 */
export function rememberSystemEnv(dataDir, env) {
  writeFileSync(envFile(dataDir), `${JSON.stringify(env, null, 2)}\n`, { mode: 0o600 });
}

/**
 * @param {string} dataDir
 * @returns {Record<string, string>} the environment of the system that runs from it now
 * @throws {LaunchError} none does
 */
export function runningSystemEnv(dataDir) {
  if (stillRunning(readText(path.join(dataDir, 'run/launcher.pid'))) === undefined) {
    throw new LaunchError(`No system runs from ${dataDir}: start it first with npm run up.`);
  }
  try {
    return JSON.parse(readFileSync(envFile(dataDir), 'utf8'));
  } catch (error) {
    throw new LaunchError(`The system in ${dataDir} is still starting.`, { cause: error });
  }
}
