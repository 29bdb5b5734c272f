/**
 * Breaks the shop while people buy, and then looks for a lost order, coin or unit of stock. Exit code 0: there is none.
 *
 *   node test/chaos/main.ts [--seed N] [--minutes M] [--shoppers N] [--pause-most SECONDS] [--twin]
 *
 * A seed repeats the choices of shoppers and faults; how they interleave is the machine's. --twin: with a second storefront and order process.
 */
import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string', default: '3' },
    shoppers: { type: 'string', default: '8' },
    'pause-most': { type: 'string', default: '20' },
    twin: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const report = await chaos({
  ...{ seed: Number(values.seed), seconds: Number(values.minutes) * 60, shoppers: Number(values.shoppers) },
  ...{ hasTwin: values.twin, pauseMostMs: Number(values['pause-most']) * 1000, say },
});
say(report.text);
say(report.isWell ? 'Not an order, a coin or a unit of stock is lost.' : 'SOMETHING IS BROKEN.');
process.exit(report.isWell ? 0 : 1);
