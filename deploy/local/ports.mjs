// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { LaunchError } from './launch-error.mjs';

/**
 * Free ports are looked for here: above the well-known ones and below 32768, where Linux begins to hand out ports to
 * outgoing connections (net.ipv4.ip_local_port_range), so that nothing takes one between the look and the use.
 */
export const PORT_RANGE = Object.freeze({ first: 20_000, last: 31_999 });
/** Ports tried before giving up; with hundreds in use the first few hit. */
const TRIES_MAX = 200;

/**
 * @param {number} port
 * @returns {Promise<boolean>} a server could listen there on 127.0.0.1 now
 */
export function isPortFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Chooses a port for each name: the one told, else yesterday's, else any free one.
 *
 * @param {object} request
 * @param {readonly string[]} request.names
 * @param {Readonly<Record<string, number | undefined>>} [request.told] 0 means any free one
 * @param {Readonly<Record<string, number>>} [request.remembered] taken when still free
 * @param {() => number} [request.random] 0 to below 1
 * @returns {Promise<Record<string, number>>}
 * @throws {LaunchError} a told port is in use or out of bounds
 */
export async function choosePorts({ names, told = {}, remembered = {}, random = Math.random }) {
  /** @type {Record<string, number>} */
  const chosen = {};
  for (const name of names) {
    const port = told[name];
    if (!port) continue;
    await mustBeFree(name, port, chosen);
    chosen[name] = port;
  }
  for (const name of names) {
    chosen[name] ??= (await yesterdays(remembered[name], chosen)) ?? (await anyFree(chosen, random));
  }
  return chosen;
}

/**
 * @param {string} name
 * @param {number} port
 * @param {Record<string, number>} chosen
 */
async function mustBeFree(name, port, chosen) {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new LaunchError(`The port told for ${name} is ${port}; it must be 1 to 65535.`);
  if (isTaken(port, chosen) || !(await isPortFree(port))) {
    throw new LaunchError(`Port ${port}, told for ${name}, is already in use on 127.0.0.1: free it or choose another.`);
  }
}

/** @param {number | undefined} port @param {Record<string, number>} chosen */
async function yesterdays(port, chosen) {
  return port && !isTaken(port, chosen) && (await isPortFree(port)) ? port : undefined;
}

/** @param {Record<string, number>} chosen @param {() => number} random */
async function anyFree(chosen, random) {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = PORT_RANGE.first + Math.floor(random() * (PORT_RANGE.last - PORT_RANGE.first + 1));
    if (!isTaken(port, chosen) && (await isPortFree(port))) return port;
  }
  throw new LaunchError(`No free port was found on 127.0.0.1 between ${PORT_RANGE.first} and ${PORT_RANGE.last}.`);
}

/** @param {number} port @param {Record<string, number>} chosen */
function isTaken(port, chosen) {
  return Object.values(chosen).includes(port);
}

/** @param {string} file @returns {Record<string, number>} none when there is no such file yet */
export function recallPorts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** Adds to what the file holds. @param {string} file @param {Record<string, number>} ports */
export function rememberPorts(file, ports) {
  writeFileSync(file, `${JSON.stringify({ ...recallPorts(file), ...ports }, null, 2)}\n`, { mode: 0o600 });
}
