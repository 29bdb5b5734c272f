// @ts-check
/**
 * The real servers of the system as child processes on loopback, each with its own directory under `dataDir`.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { SERVER_NAMES, SERVER_VARIABLE, mustAnswer, splitByAddress } from './addresses.mjs';
import { Child } from './child.mjs';
import { STAGE, openHousehold } from './guard.mjs';
import { ensurePrerequisites } from './install.mjs';
import { LaunchError } from './launch-error.mjs';
import { choosePorts, recallPorts, rememberPorts } from './ports.mjs';
import { bareEnv } from './programs.mjs';
import { readSecrets } from './secrets.mjs';
import { planDatabase } from './servers/database.mjs';
import { planElasticsearch } from './servers/elasticsearch.mjs';
import { planEtcd } from './servers/etcd.mjs';
import { planKafka } from './servers/kafka.mjs';
import { planRedis } from './servers/redis.mjs';
import { silentProgress } from './terminal.mjs';

/** @typedef {import('./addresses.mjs').ServerName} ServerName */
/** @typedef {import('./servers/server-plan.mjs').ServerContext} ServerContext */

/** Together all six stay under 1.4 GiB resident; half of it is the two JVMs. @type {import('./servers/server-plan.mjs').Memory} */
const MEMORY = { bufferPool: 128, kafkaHeap: 320, elasticsearchHeap: 384 };

/** @type {Readonly<Record<ServerName, (context: ServerContext) => import('./servers/server-plan.mjs').ServerPlan>>} */
const PLAN_OF = {
  'db-a': (context) => planDatabase(context, 1),
  'db-b': (context) => planDatabase(context, 2),
  kafka: planKafka,
  elasticsearch: planElasticsearch,
  etcd: planEtcd,
  redis: planRedis,
};

/** Ports that only the server itself uses. @type {Readonly<Partial<Record<ServerName, string>>>} */
const OWN_PORT = { kafka: 'kafka.controller', elasticsearch: 'elasticsearch.transport', etcd: 'etcd.peer' };

/**
 * @typedef {object} RunningServer
 * @property {string} name
 * @property {number | undefined} pid undefined while it does not run
 * @property {(signal?: NodeJS.Signals) => Promise<void>} kill for chaos; SIGKILL when not told
 * @property {() => Promise<void>} stop SIGTERM, then SIGKILL
 * @property {() => Promise<void>} start again, on the same port and data; resolves when it is ready
 *
 * @typedef {object} Servers
 * @property {Record<string, string>} env exactly the servers' variables: DB_A_URL, DB_B_URL, KAFKA_BROKERS, ELASTICSEARCH_URL, ETCD_ENDPOINTS, REDIS_URL
 * @property {ServerName[]} names of those started here
 * @property {(name: ServerName) => RunningServer} server
 * @property {() => Promise<void>} stop all of them, the databases last
 */

/**
 * Starts every server that the environment does not name already, in parallel, and waits until all are ready.
 *
 * @param {object} options
 * @param {string} options.dataDir
 * @param {boolean} [options.fresh] forget yesterday's data first
 * @param {Partial<Record<ServerName, number>>} [options.ports] told ports; else yesterday's, else free ones
 * @param {Partial<import('./servers/server-plan.mjs').Memory>} [options.memory] in MiB
 * @param {import('./terminal.mjs').Progress} [options.progress]
 * @param {readonly ServerName[]} [options.only] default: all
 * @param {NodeJS.ProcessEnv} [options.env] where addresses, MYSQLD, JAVA_HOME are looked up
 * @param {(death: import('./child.mjs').Death) => void} [options.onDeath] an end that nobody asked for; default: shown
 * @returns {Promise<Servers>}
 * @throws {LaunchError} one can't start; then all are stopped
 */
export async function startServers({ dataDir, fresh = false, ports = {}, memory = {}, progress = silentProgress, only = SERVER_NAMES, env = process.env, onDeath }) {
  const { given, missing } = splitByAddress(only, env);
  await Promise.all(given.map((name) => mustAnswer(name, env)));
  const programs = await ensurePrerequisites({ progress, servers: missing, env });
  const household = await openHousehold(dataDir);
  try {
    if (fresh) forgetData(household.dir, missing);
    const chosen = await portsFor(household.dir, missing, ports);
    const secrets = readSecrets(household.dir, env);
    const contexts = missing.map((name) => ({
      ...{ name, household, programs, secrets, ports: chosen },
      dir: path.join(household.dir, name),
      memory: { ...MEMORY, ...memory },
    }));
    const report = onDeath ?? ((death) => progress.say(death.message));
    const started = contexts.map((context) => supervise(context, progress, report));
    await startTogether(started);
    const addresses = [
      ...given.map((name) => [SERVER_VARIABLE[name], env[SERVER_VARIABLE[name]]]),
      ...started.map(({ name, address }) => [SERVER_VARIABLE[name], address]),
    ];
    return handle(Object.fromEntries(addresses), started, household);
  } catch (error) {
    await household.close();
    throw error;
  }
}

/** @param {string} dir @param {readonly ServerName[]} names */
function forgetData(dir, names) {
  // state/ holds what services wrote down about these data, such as the highest time an id was made with
  for (const name of [...names, 'state']) rmSync(path.join(dir, name), { recursive: true, force: true });
}

/**
 * @param {string} dir
 * @param {readonly ServerName[]} names
 * @param {Partial<Record<ServerName, number>>} told
 */
async function portsFor(dir, names, told) {
  const file = path.join(dir, 'ports.json');
  const wanted = names.flatMap((name) => [name, ...(OWN_PORT[name] === undefined ? [] : [OWN_PORT[name]])]);
  const chosen = await choosePorts({ names: wanted, told, remembered: recallPorts(file) });
  rememberPorts(file, chosen);
  return chosen;
}

/**
 * @typedef {object} SupervisedServer
 * @property {ServerName} name
 * @property {string} address
 * @property {Child} child
 * @property {() => Promise<void>} start
 */

/**
 * @param {ServerContext & { name: ServerName }} context
 * @param {import('./terminal.mjs').Progress} progress
 * @param {(death: import('./child.mjs').Death) => void} onDeath
 * @returns {SupervisedServer}
 */
function supervise(context, progress, onDeath) {
  const { name, household } = context;
  const plan = PLAN_OF[name](context);
  const stage = name.startsWith('db-') ? STAGE.database : STAGE.server;
  const child = new Child({
    ...{ name, command: plan.command, args: plan.args, ready: plan.ready, onDeath },
    env: bareEnv(),
    logFile: household.logFile(name),
    pidFile: household.pidFile(stage, name),
  });
  const start = async () => {
    const step = progress.step(name);
    try {
      await plan.prepare();
      await child.start();
      step.done(plan.address.replace(/:[^:@/]+@/, ':…@'));
    } catch (error) {
      step.fail('did not start');
      throw error;
    }
  };
  return { name, address: plan.address, child, start };
}

/** Stops those that did start when one does not. @param {SupervisedServer[]} servers */
async function startTogether(servers) {
  const outcomes = await Promise.allSettled(servers.map((server) => server.start()));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure === undefined) return;
  await stopAll(servers);
  throw failure.reason;
}

/** Databases last: what the others still write may lead to a query. @param {SupervisedServer[]} servers */
async function stopAll(servers) {
  const isDatabase = (/** @type {SupervisedServer} */ server) => server.name.startsWith('db-');
  await Promise.all(servers.filter((server) => !isDatabase(server)).map((server) => server.child.stop()));
  await Promise.all(servers.filter(isDatabase).map((server) => server.child.stop()));
}

/**
 * @param {Record<string, string>} env
 * @param {SupervisedServer[]} servers
 * @param {import('./guard.mjs').Household} household
 * @returns {Servers}
 */
function handle(env, servers, household) {
  /** @type {Promise<void> | undefined} */
  let stopped;
  return {
    env,
    names: servers.map((server) => server.name),
    server(name) {
      const found = servers.find((server) => server.name === name);
      if (found === undefined) throw new LaunchError(`${name} is not run by this launcher.`);
      return {
        name,
        get pid() {
          return found.child.pid;
        },
        kill: (signal) => found.child.kill(signal),
        stop: () => found.child.stop(),
        start: () => found.start(),
      };
    },
    stop: () => (stopped ??= stopAll(servers).then(() => household.close())),
  };
}
