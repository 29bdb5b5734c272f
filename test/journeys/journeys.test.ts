import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faults } from './faults.ts';
import { hostileInput } from './hostile-input.ts';
import { lifeOfAnOrder } from './life-of-an-order.ts';
import { once } from './once.ts';
import { startJourneySystem, type System } from './system.ts';

/** One system for all journeys: they share it as customers share a shop. The auditor has the last word. */
let running: System | undefined;
const system = (): System => {
  if (running === undefined) throw new Error('the system did not start');
  return running;
};

beforeAll(async () => {
  running = await startJourneySystem();
}, 180_000);
afterAll(async () => {
  await running?.stop();
}, 60_000);

describe('the life of an order', () => lifeOfAnOrder(system));
describe('once and only once', () => once(system));
describe('hostile input', () => hostileInput(system));
describe('faults', () => faults(system));

test('after all of it not an order, a coin or a unit of stock is lost', async () => {
  const report = await system().audit();
  expect(report.exitCode, report.output).toBe(0);
});
