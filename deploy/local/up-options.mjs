// @ts-check
import path from 'node:path';
import { parseArgs } from 'node:util';
import { LaunchError } from './launch-error.mjs';
import { REPOSITORY } from './node-modules.mjs';

const USAGE = 'usage: node deploy/local/up.mjs [--fresh] [--servers-only] [--data DIR] [--port-storefront N]';
/** Where data, logs and secrets lie unless told. */
export const DEFAULT_DATA_DIR = path.join(REPOSITORY, '.tradewind');

/**
 * @typedef {object} UpOptions
 * @property {boolean} fresh forget yesterday's data
 * @property {boolean} serversOnly no services
 * @property {string} dataDir absolute
 * @property {number} [portStorefront]
 */

/**
 * @param {string[]} args
 * @returns {UpOptions}
 * @throws {LaunchError} an argument is unknown or has a bad value
 */
export function parseUpOptions(args) {
  const { values } = parseOrExplain(args);
  const port = values['port-storefront'];
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535 && /^\d+$/.test(port))) {
    throw new LaunchError(`--port-storefront is ${port}; it must be 1 to 65535.`);
  }
  return {
    fresh: values.fresh ?? false,
    serversOnly: values['servers-only'] ?? false,
    dataDir: path.resolve(values.data ?? DEFAULT_DATA_DIR),
    ...(port === undefined ? {} : { portStorefront: Number(port) }),
  };
}

/** @param {string[]} args */
function parseOrExplain(args) {
  try {
    return parseArgs({
      args,
      options: {
        fresh: { type: 'boolean' },
        'servers-only': { type: 'boolean' },
        data: { type: 'string' },
        'port-storefront': { type: 'string' },
      },
    });
  } catch (error) {
    throw new LaunchError(`${/** @type {Error} */ (error).message}\n${USAGE}`);
  }
}
