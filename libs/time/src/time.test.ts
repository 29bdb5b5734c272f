import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, Loop, systemClock } from './index.ts';

test('a back-off stays within its bounds for every attempt and every dice', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, dice) => {
        const wait = backoffMs(attempt, { firstMs: 50, mostMs: 5000 }, () => dice);
        expect(wait).toBeGreaterThanOrEqual(1);
        expect(wait).toBeLessThanOrEqual(5000);
      },
    ),
  );
});

test('the cap grows with the attempts and then stays', () => {
  const cap = (attempt: number) => backoffMs(attempt, { firstMs: 100, mostMs: 1000 }, () => 0.999999);
  expect([1, 2, 3, 4, 5, 6].map(cap)).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test('a loop goes on after its work has thrown, and stop waits for the run in hand', async () => {
  const seen: unknown[] = [];
  let release = (): void => {};
  const third = Promise.withResolvers<void>();
  let runs = 0;
  const loop = new Loop(
    1,
    async () => {
      runs += 1;
      if (runs === 1) throw new Error('first');
      if (runs === 3) {
        third.resolve();
        await new Promise<void>((resolve) => (release = resolve));
        seen.push('finished');
      }
    },
    (error) => seen.push((error as Error).message),
  );
  loop.start();
  await third.promise;
  const stopped = loop.stop();
  release();
  await stopped;
  expect(seen).toEqual(['first', 'finished']);
});

test('a nudge ends a pause of an hour at once', async () => {
  const second = Promise.withResolvers<void>();
  let runs = 0;
  const loop = new Loop(
    3_600_000,
    async () => void ((runs += 1) === 2 && second.resolve()),
    () => {},
  );
  loop.start();
  await Promise.resolve();
  loop.nudge();
  await second.promise;
  await loop.stop();
  expect(runs).toBe(2);
});

test('a sleep that is aborted rejects with the reason', async () => {
  const abort = new AbortController();
  const slept = systemClock.sleep(3_600_000, abort.signal);
  abort.abort(new Error('enough'));
  await expect(slept).rejects.toThrow('enough');
});
