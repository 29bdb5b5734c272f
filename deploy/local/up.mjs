// @ts-check
/**
 * node deploy/local/up.mjs [--fresh] [--servers-only] [--data DIR] [--port-storefront N]
 *
 * Brings the whole system up, from a fresh checkout if need be, and keeps it up until Ctrl-C.
 */
import path from 'node:path';
import { runInForeground } from './foreground.mjs';
import { openHousehold } from './guard.mjs';
import { revive } from './revive.mjs';
import { startServers } from './servers.mjs';
import { startSystem } from './system.mjs';
import { parseUpOptions } from './up-options.mjs';

/** @param {Record<string, string>} env @param {string} dataDir @returns {string} what people want to know now */
function welcome(env, dataDir) {
  const lines =
    env['STOREFRONT_URL'] === undefined
      ? Object.entries(env).map(([name, value]) => `${name}=${value}`)
      : [
          `API      ${env['STOREFRONT_URL']}/v1`,
          `Pages    ${env['STOREFRONT_URL']}/docs`,
          'Staff    staff@tradewind.example',
          `Password ${env['STAFF_PASSWORD']}`,
        ];
  return ['', ...lines, `Logs     ${path.join(dataDir, 'log')}`, 'Ctrl-C ends everything.'].join('\n');
}

/**
 * @param {string} dataDir
 * @param {boolean} fresh
 * @param {import('./terminal.mjs').Progress} progress
 * @param {(stop: () => Promise<void>) => void} onStarted
 */
async function serversAlone(dataDir, fresh, progress, onStarted) {
  onStarted((await openHousehold(dataDir)).close);
  const servers = await startServers({ dataDir, fresh, progress, onDeath: revive(progress, () => servers.server) });
  onStarted(servers.stop);
  return servers.env;
}

await runInForeground(async ({ progress, onStarted, signal }) => {
  const { fresh, serversOnly, dataDir, portStorefront } = parseUpOptions(process.argv.slice(2));
  const ports = portStorefront === undefined ? {} : { storefront: portStorefront };
  const env = serversOnly
    ? await serversAlone(dataDir, fresh, progress, onStarted)
    : (await startSystem({ dataDir, fresh, ports, progress, onStarted })).env;
  progress.say(welcome(env, dataDir));
  await signal;
  return 0;
});
