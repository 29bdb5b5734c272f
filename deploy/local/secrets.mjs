// @ts-check
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LaunchError } from './launch-error.mjs';

/** 192 bits: nobody guesses it, and base64url of it needs no padding. */
const SECRET_BYTES = 24;

/** What the services share and nobody else may know; each can be given in the environment. */
export const SERVICE_SECRETS = /** @type {const} */ ([
  'JWT_SECRET',
  'INTERNAL_TOKEN',
  'CURSOR_SECRET',
  'STAFF_PASSWORD',
]);
/** What the launcher's own databases use. */
export const DATABASE_SECRETS = /** @type {const} */ (['DB_PASSWORD', 'DB_ROOT_PASSWORD']);

/**
 * @typedef {Record<typeof SERVICE_SECRETS[number] | typeof DATABASE_SECRETS[number], string>} Secrets
 */

/**
 * The secrets of a data directory, made at the first call and kept in `secrets.json`, readable by its owner only.
 *
 * @param {string} dataDir
 * @param {NodeJS.ProcessEnv} [env] a service secret that is set here is used instead, and not kept
 * @returns {Secrets}
 * @throws {LaunchError} the file is there and can't be read
 */
export function readSecrets(dataDir, env = process.env) {
  const file = path.join(dataDir, 'secrets.json');
  const kept = readKept(file);
  const names = [...SERVICE_SECRETS, ...DATABASE_SECRETS];
  const all = Object.fromEntries(
    names.map((name) => [name, kept[name] ?? randomBytes(SECRET_BYTES).toString('base64url')]),
  );
  if (names.some((name) => kept[name] === undefined)) keep(file, all);
  const given = SERVICE_SECRETS.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return /** @type {Secrets} */ ({ ...all, ...Object.fromEntries(given) });
}

/** @param {string} file @returns {Record<string, string>} */
function readKept(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
    // Making new ones silently would lock everybody out of yesterday's data.
    throw new LaunchError(`The secrets file ${file} can't be read; mend it, or delete it to have new secrets made.`, {
      cause: error,
    });
  }
}

/** Written beside and renamed: a crash leaves the old file or the new one. @param {string} file @param {Record<string, string>} secrets */
function keep(file, secrets) {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
