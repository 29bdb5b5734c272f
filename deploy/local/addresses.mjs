// @ts-check
import { LaunchError } from './launch-error.mjs';
import { accepts } from './probe.mjs';

/** Each server, and the variable that says where it is. A variable that is set already is used as it is. */
export const SERVER_VARIABLE = Object.freeze({
  'db-a': 'DB_A_URL',
  'db-b': 'DB_B_URL',
  kafka: 'KAFKA_BROKERS',
  elasticsearch: 'ELASTICSEARCH_URL',
  etcd: 'ETCD_ENDPOINTS',
  redis: 'REDIS_URL',
});

/** @typedef {keyof typeof SERVER_VARIABLE} ServerName */

export const SERVER_NAMES = /** @type {readonly ServerName[]} */ (Object.freeze(Object.keys(SERVER_VARIABLE)));

/** Where each server listens when its address does not say. */
const DEFAULT_PORT = Object.freeze({
  'db-a': 3306,
  'db-b': 3306,
  kafka: 9092,
  elasticsearch: 9200,
  etcd: 2379,
  redis: 6379,
});

/**
 * @param {readonly ServerName[]} names
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ given: ServerName[], missing: ServerName[] }} given: the environment names it; missing: we start it
 */
export function splitByAddress(names, env) {
  return {
    given: names.filter((name) => env[SERVER_VARIABLE[name]]),
    missing: names.filter((name) => !env[SERVER_VARIABLE[name]]),
  };
}

/**
 * @param {ServerName} name
 * @param {string} address an URL, host:port, or a list of them with commas
 * @returns {{ host: string, port: number }} of the first
 * @throws {LaunchError} it is none
 */
export function firstEndpoint(name, address) {
  const first = address.split(',')[0]?.trim() ?? '';
  try {
    const url = new URL(first.includes('://') ? first : `tcp://${first}`);
    // A port that is the scheme's own reads as ''.
    const ofScheme = { 'http:': 80, 'https:': 443 }[url.protocol];
    const port = Number(url.port) || (/:\d+\/?$/.test(first) ? ofScheme : undefined) || DEFAULT_PORT[name];
    if (url.hostname !== '') return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
  } catch {
    // said below
  }
  throw new LaunchError(`${SERVER_VARIABLE[name]} is set, but it is no address of ${name}.`);
}

/**
 * @param {ServerName} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>}
 * @throws {LaunchError} nothing listens at the address that the environment gives
 */
export async function mustAnswer(name, env) {
  const variable = SERVER_VARIABLE[name];
  const { host, port } = firstEndpoint(name, env[variable] ?? '');
  if (!(await accepts(host, port)))
    throw new LaunchError(
      `${variable} is set, but nothing answers at ${host}:${port}: start ${name} there or unset ${variable}.`,
    );
}
