/**
 * Tells the story of the shop to whoever watches: real orders over the wire, each promise put to the test. Ends with 0 when every chapter went
 * as promised. Run by `npm run demo`; by hand:
 *
 *   node test/story/main.ts --url http://127.0.0.1:8080 [--acknowledged FILE] [--kill-command 'docker compose kill -s KILL {service}']
 *     [--start-command 'docker compose start {service}']
 *
 * STAFF_PASSWORD (and STAFF_EMAIL) name the staff user.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstOrder, setStage } from './cast.ts';
import { cancelled, crash, expired, leaveUnpaid, ordersFlow, race, repeated, search, stockShort } from './chapters.ts';
import { chooseFaults } from './faults.ts';
import { Teller } from './teller.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    acknowledged: { type: 'string' },
    'started-at': { type: 'string' },
    'kill-command': { type: 'string' },
    'start-command': { type: 'string' },
  },
});
const staffPassword = process.env['STAFF_PASSWORD'];
if (staffPassword === undefined) {
  process.stderr.write('STAFF_PASSWORD must hold the password of the staff user.\n');
  process.exit(2);
}

const teller = new Teller();
const started = performance.now();
const staffEmail = process.env['STAFF_EMAIL'] ?? 'staff@tradewind.example';
const options = { url: values.url, staffEmail, staffPassword };
const first = await firstOrder(options);
const since = values['started-at'] === undefined ? started : Number(values['started-at']) - performance.timeOrigin;
teller.say(
  `  The first order is placed and paid, ${((performance.now() - since) / 1000).toFixed(1)} s after the start.`,
);
const stage = await setStage(options);
stage.acknowledged.push(first);
teller.say(
  `  The stage is set in ${((performance.now() - started) / 1000).toFixed(1)} s: ${stage.products.length} products, ${stage.shoppers.length} shoppers.\n`,
);

const unpaid = await leaveUnpaid(stage);
await teller.chapter('Orders are placed and paid', () => ordersFlow(stage));
await teller.chapter('An order is refused for want of stock', () => stockShort(stage));
await teller.chapter('Two hundred shoppers race for the last fifty', () => race(stage));
await teller.chapter('A repeated request is answered once', () => repeated(stage));
await teller.chapter('A paid order is cancelled', () => cancelled(stage));
await teller.chapter('A service is killed in mid-traffic', () =>
  crash(stage, chooseFaults({ killCommand: values['kill-command'], startCommand: values['start-command'] })),
);
await teller.chapter('An unpaid order times out', () => expired(stage, unpaid));
await teller.chapter('A search across all shards finds all of it', () => search(stage));

if (values.acknowledged !== undefined)
  writeFileSync(values.acknowledged, `${[...new Set(stage.acknowledged)].join('\n')}\n`);
teller.say(`\n  ${teller.summary}`);
process.exit(teller.allWell ? 0 : 1);
