import { Refusal } from '@tradewind/errors';
import { SnowflakeIds, soloLease } from '@tradewind/ids';
import { silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DepositMoney } from './deposit/deposit-money.ts';
import { ResolvePayment } from './resolve/resolve-payment.ts';
import { TryPayment } from './try/try-payment.ts';
import { bookErrors, freshId, twoShards, type TwoShards } from './two-shards.testing.ts';

const askAt = '2030-01-01T00:00:00.000Z';
let two: TwoShards;
let deposits: DepositMoney;
let tries: TryPayment;
let resolutions: ResolvePayment;

beforeAll(async () => {
  two = await twoShards();
  const parts = { shards: two.shards, clock: systemClock, log: silentLog };
  deposits = new DepositMoney({ ...parts, ids: new SnowflakeIds({ lease: soloLease(1), clock: systemClock }) });
  tries = new TryPayment(parts);
  resolutions = new ResolvePayment(parts);
});
afterAll(() => two?.close());

const step = fc.record({
  what: fc.constantFrom('deposit', 'try', 'confirm', 'cancel', 'return'),
  user: fc.nat({ max: 2 }),
  order: fc.nat({ max: 3 }),
  amount: fc.integer({ min: 1, max: 60 }),
});

test('whatever is done, several things at a time, the books sum to zero, and no balance is below what is frozen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      const users = Array.from({ length: 3 }, freshId);
      const orders = users.map(() => Array.from({ length: 4 }, freshId));
      for (let at = 0; at < steps.length; at += 5) {
        const together = steps.slice(at, at + 5).map(({ what, user, order, amount }) => {
          const [userId, orderId] = [users[user]!, orders[user]![order]!];
          const money = { amount, currency: 'EUR' } as const;
          if (what === 'deposit') return deposits.run({ userId, amount: money });
          if (what === 'try') return tries.run({ userId, orderId, attempt: 0, amount: money, askAt });
          return resolutions.run({ userId, orderId, attempt: 0, action: what as 'confirm' | 'cancel' | 'return' });
        });
        for (const each of await Promise.allSettled(together)) {
          if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(Refusal);
        }
      }
      expect(await bookErrors(two.shards)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});
