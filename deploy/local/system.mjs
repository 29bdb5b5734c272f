// @ts-check
/** The whole system on this machine: prerequisites, servers, schemas, services, in that order; and its end, backwards. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { run } from './command.mjs';
import { systemEnv } from './environment.mjs';
import { openHousehold } from './guard.mjs';
import { LaunchError } from './launch-error.mjs';
import { REPOSITORY, ensureNodeModules } from './node-modules.mjs';
import { revive } from './revive.mjs';
import { rememberSystemEnv } from './running-system.mjs';
import { readSecrets } from './secrets.mjs';
import { startServers } from './servers.mjs';
import { chooseServicePorts, startServices } from './services.mjs';
import { silentProgress } from './terminal.mjs';

/**
 * @typedef {object} System
 * @property {Record<string, string>} env of every service and of the operator's commands
 * @property {string} node the Node that runs them
 * @property {import('./servers.mjs').Servers['server']} server
 * @property {import('./services.mjs').Services['service']} service
 */

/**
 * @param {object} options
 * @param {string} options.dataDir
 * @param {boolean} [options.fresh] forget yesterday's data
 * @param {Partial<Record<import('./environment.mjs').ServiceName, number>>} [options.ports] see chooseServicePorts
 * @param {import('./terminal.mjs').Progress} [options.progress]
 * @param {NodeJS.ProcessEnv} [options.caller] whose addresses, secrets and settings are taken
 * @param {(death: import('./child.mjs').Death) => void} [options.onDeath] default: what died is started again
 * @param {(stop: () => Promise<void>) => void} [options.onStarted] called for each part that will have to be stopped, so that a start which
 *   fails or is interrupted half way can be undone
 * @returns {Promise<System & { stop: () => Promise<void> }>}
 * @throws {LaunchError} with one sentence about what is missing or did not start; what had started is stopped
 */
export async function startSystem(options) {
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  const stop = async () => {
    for (const each of stops.splice(0)) await each(); // services first: the last started
  };
  options.onStarted?.(stop);
  try {
    return { ...(await bringUp(options, (each) => stops.unshift(each))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {Parameters<typeof startSystem>[0]} options
 * @param {(stop: () => Promise<void>) => void} started
 * @returns {Promise<System>}
 */
async function bringUp(
  { dataDir, fresh = false, ports = {}, progress = silentProgress, caller = process.env, onDeath },
  started,
) {
  started((await openHousehold(dataDir)).close); // before anything else: a second launcher refuses at once
  const chosen = await chooseServicePorts(ports);
  const node = await ensureNodeModules({ progress });
  const built = ensureBuilt({ progress });
  built.catch(() => {}); // looked at below, once the servers are there to be stopped
  const servers = await startServers({
    dataDir,
    fresh,
    progress,
    env: caller,
    onDeath: onDeath ?? revive(progress, () => servers.server),
  });
  started(servers.stop);
  await built;
  const env = systemEnv({ servers: servers.env, secrets: readSecrets(dataDir, caller), ports: chosen, caller });
  rememberSystemEnv(dataDir, env);
  await bootstrap(node, env, progress);
  const services = await startServices({
    ...{ env: servers.env, dataDir, progress, caller, ports: chosen },
    onDeath: onDeath ?? revive(progress, () => services.service),
  });
  started(services.stop);
  return { env: services.env, node, server: servers.server, service: services.service };
}

/**
 * Migrations, shard maps, topics; may be repeated.
 *
 * @param {string} node
 * @param {Record<string, string>} env
 * @param {import('./terminal.mjs').Progress} progress
 */
async function bootstrap(node, env, progress) {
  const ops = path.join(REPOSITORY, 'apps/ops/dist/main.js');
  if (!existsSync(ops)) throw new LaunchError('Not built: apps/ops; run npm run build.');
  const step = progress.step('bootstrap', 'schemas, shard maps, topics');
  try {
    await run(node, [ops, 'bootstrap'], {
      what: 'ops bootstrap',
      env: { ...process.env, ...env },
      cwd: REPOSITORY,
      onLine: step.note,
    });
    step.done('schemas, shard maps, topics');
  } catch (error) {
    step.fail();
    throw error;
  }
}
