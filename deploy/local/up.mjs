// @ts-check
/**
 * node deploy/local/up.mjs [--fresh] [--servers-only] [--data DIR] [--port-storefront N]
 *
 * Brings the whole system up, from a fresh checkout if need be, and keeps it up until Ctrl-C.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureBuilt } from './build.mjs';
import { run } from './command.mjs';
import { systemEnv } from './environment.mjs';
import { openHousehold } from './guard.mjs';
import { LaunchError, describeError } from './launch-error.mjs';
import { REPOSITORY, ensureNodeModules } from './node-modules.mjs';
import { revive } from './revive.mjs';
import { rememberSystemEnv } from './running-system.mjs';
import { readSecrets } from './secrets.mjs';
import { startServers } from './servers.mjs';
import { chooseServicePorts, startServices } from './services.mjs';
import { createTerminal } from './terminal.mjs';
import { parseUpOptions } from './up-options.mjs';

/** Exit codes that shells give for an end by Ctrl-C and by SIGTERM. */
const EXIT_CODE = { SIGINT: 130, SIGTERM: 143 };

/** @typedef {import('./up-options.mjs').UpOptions} UpOptions */

/**
 * @param {UpOptions} options
 * @param {import('./terminal.mjs').Progress} progress
 * @param {(stop: () => Promise<void>) => void} onStarted called for each part that will have to be stopped
 */
async function bringUp({ fresh, serversOnly, dataDir, portStorefront }, progress, onStarted) {
  onStarted((await openHousehold(dataDir)).close); // before anything else: a second launcher refuses at once
  const ports = serversOnly
    ? {}
    : await chooseServicePorts(portStorefront === undefined ? {} : { storefront: portStorefront });
  const node = serversOnly ? undefined : await ensureNodeModules({ progress });
  const built = serversOnly ? Promise.resolve() : ensureBuilt({ progress });
  built.catch(() => {}); // looked at below, once the servers are there to be stopped
  const servers = await startServers({ dataDir, fresh, progress, onDeath: revive(progress, () => servers.server) });
  onStarted(servers.stop);
  await built;
  const env = systemEnv({ servers: servers.env, secrets: readSecrets(dataDir), ports, caller: process.env });
  rememberSystemEnv(dataDir, env);
  if (node === undefined) return env;
  await bootstrap(node, env, progress);
  const services = await startServices({
    env: servers.env,
    dataDir,
    progress,
    ports,
    onDeath: revive(progress, () => services.service),
  });
  onStarted(services.stop);
  return services.env;
}

/**
 * Migrations, shard map, topics, indices; may be repeated.
 *
 * @param {string} node
 * @param {Record<string, string>} env
 * @param {import('./terminal.mjs').Progress} progress
 */
async function bootstrap(node, env, progress) {
  const ops = path.join(REPOSITORY, 'apps/ops/dist/main.js');
  if (!existsSync(ops)) throw new LaunchError('Not built: apps/ops; run npm run build.');
  const step = progress.step('bootstrap', 'schemas, shard map, topics, indices');
  try {
    await run(node, [ops, 'bootstrap'], {
      what: 'ops bootstrap',
      env: { ...process.env, ...env },
      cwd: REPOSITORY,
      onLine: step.note,
    });
    step.done('schemas, shard map, topics, indices');
  } catch (error) {
    step.fail();
    throw error;
  }
}

/** @param {Record<string, string>} env @param {UpOptions} options @returns {string} what people want to know now */
function welcome(env, { serversOnly, dataDir }) {
  const lines = serversOnly
    ? Object.entries(env)
        .filter(([name]) => /^(DB_|KAFKA_|ELASTICSEARCH_|ETCD_|REDIS_)/.test(name))
        .map(([name, value]) => `${name}=${value}`)
    : [
        `API      ${env['STOREFRONT_URL']}/v1`,
        `Pages    ${env['STOREFRONT_URL']}/docs`,
        'Staff    staff@tradewind.example',
        `Password ${env['STAFF_PASSWORD']}`,
      ];
  return ['', ...lines, `Logs     ${path.join(dataDir, 'log')}`, 'Ctrl-C ends everything.'].join('\n');
}

/** Resolves with the name of the first ending signal; the second ends at once, and the guard does the rest. @returns {Promise<'SIGINT' | 'SIGTERM'>} */
function endingSignal() {
  return new Promise((resolve) => {
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
      let seen = false;
      process.on(name, () => (seen ? process.exit(EXIT_CODE[name]) : ((seen = true), resolve(name))));
    }
  });
}

async function main() {
  const progress = createTerminal();
  const signal = endingSignal();
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  try {
    const options = parseUpOptions(process.argv.slice(2));
    const up = bringUp(options, progress, (stop) => stops.unshift(stop)).then((env) =>
      progress.say(welcome(env, options)),
    );
    const ended = await Promise.race([signal, up.then(() => signal)]);
    process.exitCode = EXIT_CODE[ended];
    progress.say('Stopping…');
  } catch (error) {
    process.exitCode = 1;
    progress.say(describeError(error));
  }
  for (const stop of stops) await stop(); // services first: the last started
  progress.close();
  process.exit(); // a start that was under way is ended by the guard
}

await main();
