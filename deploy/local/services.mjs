// @ts-check
/** The system's own processes, from apps/<name>/dist/main.js, each supervised like a server. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Child } from './child.mjs';
import { SERVICE_NAMES, SERVICE_PORT, serviceEnv, systemEnv, urlVariable } from './environment.mjs';
import { STAGE, openHousehold } from './guard.mjs';
import { runningChild, startTogether, stopInOrder } from './group.mjs';
import { LaunchError } from './launch-error.mjs';
import { REPOSITORY, serviceNode } from './node-modules.mjs';
import { choosePorts, isPortFree } from './ports.mjs';
import { httpAnswers } from './probe.mjs';
import { bareEnv } from './programs.mjs';
import { rememberSystemEnv } from './running-system.mjs';
import { readSecrets } from './secrets.mjs';
import { silentProgress } from './terminal.mjs';

/** @typedef {import('./environment.mjs').ServiceName} ServiceName */

/** Heap of one service, in MiB: five of them and the servers fit into 2.5 GiB, and a leak shows early. */
const HEAP_MIB = 256;
/** Time for a service to connect to everything and answer ready, in milliseconds, with all starting at once. */
const READY_DEADLINE_MS = 60_000;

/**
 * @typedef {object} Services
 * @property {Record<string, string>} env what systemEnv composed, with the ports that were chosen
 * @property {ServiceName[]} names
 * @property {(name: ServiceName) => import('./group.mjs').RunningChild & { url: string }} service
 * @property {() => Promise<void>} stop all of them
 */

/**
 * Starts the services in parallel and waits until each answers GET /health/ready with 200.
 *
 * @param {object} options
 * @param {Readonly<Record<string, string | undefined>>} options.env of the servers, as startServers gives it
 * @param {string} options.dataDir
 * @param {readonly ServiceName[]} [options.names] default: all
 * @param {import('./terminal.mjs').Progress} [options.progress]
 * @param {readonly string[]} [options.nodeArgs] for Node, before the program
 * @param {Partial<Record<ServiceName, number>>} [options.ports] 0: any free one. See chooseServicePorts
 * @param {string} [options.schemaPrefix] default tw
 * @param {NodeJS.ProcessEnv} [options.caller] secrets, LOG_LEVEL and ORDER_PAYMENT_TIMEOUT_SECONDS are taken from it
 * @param {(death: import('./child.mjs').Death) => void} [options.onDeath] an end that nobody asked for; default: shown
 * @returns {Promise<Services>}
 * @throws {LaunchError} one is not built or can't start; then all are stopped
 */
export async function startServices({
  env,
  dataDir,
  names = SERVICE_NAMES,
  progress = silentProgress,
  nodeArgs = [],
  ports = {},
  schemaPrefix = 'tw',
  caller = process.env,
  onDeath,
}) {
  mustBeBuilt(names);
  const node = await serviceNode();
  const household = await openHousehold(dataDir);
  try {
    const secrets = readSecrets(household.dir, caller);
    const chosen = await chooseServicePorts(ports, names);
    const system = systemEnv({ servers: env, secrets, ports: chosen, schemaPrefix, caller });
    const report = onDeath ?? ((death) => progress.say(death.message));
    const services = names.map((name) => supervise(name, { node, nodeArgs, system, household, onDeath: report }));
    await startTogether(services, progress);
    rememberSystemEnv(household.dir, system);
    /** @type {Promise<void> | undefined} */
    let stopped;
    return {
      env: system,
      names: [...names],
      service: (name) =>
        Object.assign(runningChild(services, name, progress), { url: system[urlVariable(name)] ?? '' }),
      stop: () => (stopped ??= stopInOrder(services).then(() => household.close())),
    };
  } catch (error) {
    await household.close();
    throw error;
  }
}

/**
 * A told port must be free, and so must the storefront's 8080, since people and scripts look for it there. The internal
 * ones move to a free port when something else has theirs.
 *
 * @param {Partial<Record<ServiceName, number>>} [told]
 * @param {readonly ServiceName[]} [names] those that will be started; the others keep the told port or the default one
 * @returns {Promise<Record<ServiceName, number>>}
 * @throws {LaunchError} a port that must be free is not
 */
export async function chooseServicePorts(told = {}, names = SERVICE_NAMES) {
  /** @type {Partial<Record<ServiceName, number>>} */
  const wanted = {};
  for (const name of names)
    wanted[name] = told[name] ?? ((await isPortFree(SERVICE_PORT[name])) ? SERVICE_PORT[name] : 0);
  if (names.includes('storefront') && told.storefront === undefined && wanted.storefront === 0) {
    throw new LaunchError(
      `Port ${SERVICE_PORT.storefront} for the storefront is already in use: free it, or choose another with --port-storefront.`,
    );
  }
  return { ...SERVICE_PORT, ...told, ...(await choosePorts({ names, told: wanted })) };
}

/** @param {ServiceName} name */
function mainFile(name) {
  return path.join(REPOSITORY, 'apps', name, 'dist/main.js');
}

/** @param {readonly ServiceName[]} names */
function mustBeBuilt(names) {
  const unbuilt = names.filter((name) => !existsSync(mainFile(name)));
  if (unbuilt.length > 0) throw new LaunchError(`Not built: apps/${unbuilt.join(', apps/')}; run npm run build.`);
}

/**
 * @param {ServiceName} name
 * @param {object} parts
 * @param {string} parts.node
 * @param {readonly string[]} parts.nodeArgs
 * @param {Record<string, string>} parts.system
 * @param {import('./guard.mjs').Household} parts.household
 * @param {(death: import('./child.mjs').Death) => void} parts.onDeath
 * @returns {import('./group.mjs').Member}
 */
function supervise(name, { node, nodeArgs, system, household, onDeath }) {
  const own = serviceEnv(system, name, household.dir);
  const url = system[urlVariable(name)] ?? '';
  mkdirSync(own['STATE_DIR'] ?? '', { recursive: true, mode: 0o700 });
  const child = new Child({
    name,
    command: node,
    args: [`--max-old-space-size=${HEAP_MIB}`, ...nodeArgs, mainFile(name)],
    env: { ...bareEnv(), NODE_ENV: 'production', ...own },
    cwd: REPOSITORY,
    logFile: household.logFile(name),
    pidFile: household.pidFile(STAGE.service, name),
    ready: () => httpAnswers(`${url}/health/ready`),
    readyDeadlineMs: READY_DEADLINE_MS,
    onDeath,
  });
  return { name, stage: STAGE.service, address: url, child };
}
