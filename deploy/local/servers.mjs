// @ts-check
/**
 * The real servers of the system as child processes on loopback, each with its own directory under `dataDir`.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { SERVER_NAMES, SERVER_VARIABLE, mustAnswer, splitByAddress } from './addresses.mjs';
import { Child } from './child.mjs';
import { STAGE, openHousehold } from './guard.mjs';
import { runningChild, startTogether, stopInOrder } from './group.mjs';
import { ensurePrerequisites } from './install.mjs';
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
 * @typedef {object} Servers
 * @property {Record<string, string>} env exactly the servers' variables: DB_A_URL, DB_B_URL, KAFKA_BROKERS, ELASTICSEARCH_URL, ETCD_ENDPOINTS, REDIS_URL
 * @property {ServerName[]} names of those started here
 * @property {(name: ServerName) => import('./group.mjs').RunningChild} server
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
 * @throws {import('./launch-error.mjs').LaunchError} one can't start; then all are stopped
 */
export async function startServers({
  dataDir,
  fresh = false,
  ports = {},
  memory = {},
  progress = silentProgress,
  only = SERVER_NAMES,
  env = process.env,
  onDeath,
}) {
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
    const members = contexts.map((context) => supervise(context, report));
    await startTogether(members, progress);
    /** @type {Promise<void> | undefined} */
    let stopped;
    return {
      env: Object.fromEntries([
        ...given.map((name) => [SERVER_VARIABLE[name], env[SERVER_VARIABLE[name]]]),
        ...members.map(({ variable, url }) => [variable, url]),
      ]),
      names: missing,
      server: (name) => runningChild(members, name, progress),
      stop: () => (stopped ??= stopInOrder(members).then(() => household.close())),
    };
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
 * @param {ServerContext & { name: ServerName }} context
 * @param {(death: import('./child.mjs').Death) => void} onDeath
 * @returns {import('./group.mjs').Member & { variable: string, url: string }}
 */
function supervise(context, onDeath) {
  const { name, household } = context;
  const plan = PLAN_OF[name](context);
  const stage = name.startsWith('db-') ? STAGE.database : STAGE.server;
  const child = new Child({
    ...{ name, command: plan.command, args: plan.args, ready: plan.ready, onDeath },
    env: bareEnv(),
    logFile: household.logFile(name),
    pidFile: household.pidFile(stage, name),
  });
  const address = plan.address.replace(/:[^:@/]+@/, ':…@'); // shown to people: without the password
  return { name, stage, address, child, prepare: plan.prepare, variable: SERVER_VARIABLE[name], url: plan.address };
}
