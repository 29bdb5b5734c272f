// @ts-check
/**
 * The environment that the services, the operator's commands, the demo and the tests share. Pure: what is composed
 * depends on the arguments alone.
 */
import path from 'node:path';
import { SERVER_VARIABLE } from './addresses.mjs';
import { LaunchError } from './launch-error.mjs';

/** Each service and the port it has unless told. */
export const SERVICE_PORT = Object.freeze({
  storefront: 8080,
  order: 8081,
  inventory: 8082,
  payment: 8083,
  search: 8084,
});

/** @typedef {keyof typeof SERVICE_PORT} ServiceName */

export const SERVICE_NAMES = /** @type {readonly ServiceName[]} */ (Object.freeze(Object.keys(SERVICE_PORT)));

/** Shards of each kind of data, and how many: those with an even number lie on db-a, the odd ones on db-b. */
export const SHARD_COUNT = Object.freeze({ order: 4, inventory: 2, payment: 2, storefront: 2 });

/** Settings that a caller may set and that every process should see. */
const PASSED_THROUGH = ['ORDER_PAYMENT_TIMEOUT_SECONDS'];
const HOST = '127.0.0.1';

/**
 * @param {object} parts
 * @param {Readonly<Record<string, string | undefined>>} parts.servers DB_A_URL, DB_B_URL, KAFKA_BROKERS, ELASTICSEARCH_URL, ETCD_ENDPOINTS, REDIS_URL
 * @param {Readonly<import('./secrets.mjs').Secrets>} parts.secrets
 * @param {Readonly<Partial<Record<ServiceName, number>>>} [parts.ports] default: SERVICE_PORT
 * @param {string} [parts.schemaPrefix] of every schema; default tw, as in tw_order_0. The launcher's database user may use what begins with `tw_`
 * @param {Readonly<NodeJS.ProcessEnv>} [parts.caller] whose LOG_LEVEL and ORDER_PAYMENT_TIMEOUT_SECONDS pass through
 * @returns {Record<string, string>} without HTTP_PORT and STATE_DIR, which are each service's own: see serviceEnv
 * @throws {LaunchError} an address is missing or is no URL
 */
export function systemEnv({ servers, secrets, ports = {}, schemaPrefix = 'tw', caller = {} }) {
  return {
    HTTP_HOST: HOST,
    ...serviceUrls({ ...SERVICE_PORT, ...ports }),
    ...shardVariables(servers, schemaPrefix),
    ...Object.fromEntries(Object.values(SERVER_VARIABLE).map((variable) => [variable, required(servers, variable)])),
    JWT_SECRET: secrets.JWT_SECRET,
    INTERNAL_TOKEN: secrets.INTERNAL_TOKEN,
    CURSOR_SECRET: secrets.CURSOR_SECRET,
    STAFF_PASSWORD: secrets.STAFF_PASSWORD,
    LOG_LEVEL: caller['LOG_LEVEL'] || 'info',
    ...Object.fromEntries(PASSED_THROUGH.flatMap((name) => (caller[name] ? [[name, caller[name]]] : []))),
  };
}

/**
 * The system's environment with what one service has for itself.
 *
 * @param {Readonly<Record<string, string>>} system from systemEnv
 * @param {ServiceName} name
 * @param {string} dataDir
 * @returns {Record<string, string>}
 */
export function serviceEnv(system, name, dataDir) {
  const url = new URL(system[urlVariable(name)] ?? '');
  return { ...system, HTTP_PORT: url.port, STATE_DIR: path.join(dataDir, 'state', name) };
}

/** @param {ServiceName} name @returns {string} like ORDER_URL */
export function urlVariable(name) {
  return `${name.toUpperCase()}_URL`;
}

/** @param {Readonly<Record<ServiceName, number>>} ports */
function serviceUrls(ports) {
  return Object.fromEntries(SERVICE_NAMES.map((name) => [urlVariable(name), `http://${HOST}:${ports[name]}`]));
}

/** @param {Readonly<Record<string, string | undefined>>} servers @param {string} prefix */
function shardVariables(servers, prefix) {
  const databases = [databaseUrl(servers, 'DB_A_URL'), databaseUrl(servers, 'DB_B_URL')];
  const variables = Object.entries(SHARD_COUNT).map(([kind, count]) => {
    const shards = Array.from(
      { length: count },
      (_, i) => `${kind}-${i}=${databases[i % databases.length]}/${prefix}_${kind}_${i}`,
    );
    return [`${kind.toUpperCase()}_SHARDS`, shards.join(',')];
  });
  return Object.fromEntries(variables);
}

/**
 * @param {Readonly<Record<string, string | undefined>>} servers
 * @param {string} variable
 * @returns {string} mysql://user:password@host:port, percent-encoded so that neither "," nor "=" is in it
 */
function databaseUrl(servers, variable) {
  const url = parseUrl(required(servers, variable), variable);
  if (url.protocol !== 'mysql:') throw new LaunchError(`${variable} must begin with mysql://`);
  const [user, password] = [url.username, url.password].map((part) => encodeURIComponent(decodeURIComponent(part)));
  return `mysql://${user}:${password}@${url.hostname}:${url.port || 3306}`;
}

/** @param {string} text @param {string} variable */
function parseUrl(text, variable) {
  try {
    return new URL(text);
  } catch {
    throw new LaunchError(
      `${variable} is no URL; it must look like mysql://user:password@host:port, the password percent-encoded.`,
    );
  }
}

/** @param {Readonly<Record<string, string | undefined>>} servers @param {string} variable */
function required(servers, variable) {
  const value = servers[variable];
  if (!value) throw new LaunchError(`${variable} is not set.`);
  return value;
}
