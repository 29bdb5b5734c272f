// @ts-check
/**
 * node deploy/local/demo.mjs [--once] [--fresh] [--data DIR] [--port-storefront N]
 *
 * Starts the whole system, from a fresh checkout if need be, tells its story, lets the auditor judge, and stays up for whoever wants to try
 * things. --once: stops everything after the verdict; the exit code is 0 when all went as promised.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { runInForeground } from './foreground.mjs';
import { REPOSITORY } from './node-modules.mjs';
import { startSystem } from './system.mjs';
import { DEFAULT_DATA_DIR, parseUpOptions } from './up-options.mjs';

/** How long an unpaid order waits in the demo, in seconds, unless told: the story waits for one to expire. */
const PAYMENT_TIMEOUT_SECONDS = '30';
/** For the time to the first order, ms since 1970. */
const STARTED_AT = Date.now();
/** How long the auditor lets what is under way come to its end, in seconds. */
const SETTLE_SECONDS = '60';

/**
 * @param {string[]} args
 * @param {import('./system.mjs').System} system
 * @returns {Promise<number>} the exit code of a Node program that talks to the terminal, and may ask us to kill a service
 */
function runProgram(args, system) {
  const env = { ...process.env, ...system.env };
  const child = spawn(system.node, args, { cwd: REPOSITORY, env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('message', async (/** @type {{ kill: import('./environment.mjs').ServiceName }} */ { kill }) => {
    await system.service(kill).kill('SIGKILL');
    child.send({ killed: kill });
    await system.service(kill).start(); // as an orchestrator would
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** @param {import('./system.mjs').System} system @param {string} dataDir */
async function tell(system, dataDir) {
  const acknowledged = path.join(dataDir, 'acknowledged');
  const url = system.env['STOREFRONT_URL'] ?? '';
  const story = await runProgram(
    ['test/story/main.ts', '--url', url, '--acknowledged', acknowledged, '--started-at', String(STARTED_AT)],
    system,
  );
  console.log('\n  The auditor reads the databases, Kafka and Elasticsearch themselves:\n');
  const audit = await runProgram(
    ['apps/ops/dist/main.js', 'audit', '--settle', SETTLE_SECONDS, '--acknowledged', acknowledged],
    system,
  );
  return story === 0 && audit === 0;
}

/** @param {Record<string, string>} env @param {string} dataDir @returns {string} ready-made commands, one for each thing to try */
function invitation(env, dataDir) {
  const data = dataDir === DEFAULT_DATA_DIR ? '' : ` -- --data ${dataDir}`;
  const url = env['STOREFRONT_URL'];
  return `
  It is yours now: ${url}/docs shows every call. Ready-made ones:

  # a shopper, signed in
  curl -s ${url}/v1/users -H 'content-type: application/json' -d '{"email":"me@example.com","password":"correct horse","name":"Me"}'
  TOKEN=$(curl -s ${url}/v1/sessions -H 'content-type: application/json' -d '{"email":"me@example.com","password":"correct horse"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
  # money, and something to buy
  curl -s ${url}/v1/wallet/deposits -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"amount":{"amount":50000,"currency":"EUR"}}'
  PRODUCT=$(curl -s "${url}/v1/products?q=kettle&limit=1" | sed 's/.*"productId":"\\([0-9]*\\)".*/\\1/')
  # place it, pay it within ${env['ORDER_PAYMENT_TIMEOUT_SECONDS'] ?? '900'} s, look at it
  ORDER=$(curl -s ${url}/v1/orders -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -H 'idempotency-key: first' -d '{"items":[{"productId":"'$PRODUCT'","quantity":1}],"shippingAddress":{"name":"Me","line1":"Street 1","city":"Town","postalCode":"12345","country":"DE"}}' | sed 's/.*"orderId":"\\([0-9]*\\)".*/\\1/')
  curl -s ${url}/v1/orders/$ORDER/payments -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -H 'idempotency-key: second' -d '{"method":"wallet"}'
  curl -s ${url}/v1/orders/$ORDER/history -H "authorization: Bearer $TOKEN"
  # staff: ${'staff@tradewind.example'} / ${env['STAFF_PASSWORD']}
  STAFF=$(curl -s ${url}/v1/sessions -H 'content-type: application/json' -d '{"email":"staff@tradewind.example","password":"${env['STAFF_PASSWORD']}"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
  curl -s "${url}/v1/admin/orders?status=PAID&sort=-total&limit=3" -H "authorization: Bearer $STAFF"

  Kill any process you like; it is started again. Then, in another terminal: npm run audit:invariants${data}
  Ctrl-C ends everything.`;
}

await runInForeground(async ({ progress, onStarted, signal }) => {
  const args = process.argv.slice(2);
  const once = args.includes('--once');
  const { fresh, dataDir, portStorefront } = parseUpOptions(args.filter((arg) => arg !== '--once'));
  const ports = portStorefront === undefined ? {} : { storefront: portStorefront };
  const caller = { ORDER_PAYMENT_TIMEOUT_SECONDS: PAYMENT_TIMEOUT_SECONDS, ...process.env };
  const system = await startSystem({ dataDir, fresh, ports, progress, caller, onStarted });
  const allWell = await tell(system, dataDir);
  if (once) return allWell ? 0 : 1;
  progress.say(invitation(system.env, dataDir));
  await signal;
  return 0;
});
