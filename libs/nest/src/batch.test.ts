import { InvariantBroken, OutcomeUnknown, Refusal } from '@tradewind/errors';
import { silentLog } from '@tradewind/telemetry';
import { expect, test } from 'vitest';
import { answerBatch } from './batch.ts';

test('each item gets its own answer, in order, whatever becomes of its neighbours', async () => {
  const { results } = await answerBatch(
    ['yes', 'short', 'lost', 'bug', 'yes'],
    async (item) => {
      if (item === 'short') throw new Refusal('stock-short', { products: ['7'] });
      if (item === 'lost') throw new OutcomeUnknown('commit');
      if (item === 'bug') throw new TypeError('oops');
      return { ok: true as const };
    },
    { log: silentLog, keyOf: String },
  );
  expect(results).toEqual([
    { ok: true },
    { ok: false, code: 'stock-short', products: ['7'] },
    { ok: false, code: 'deadline' },
    { ok: false, code: 'internal' },
    { ok: true },
  ]);
});

test('no more items than allowed run at once, and what has not begun in time is refused', async () => {
  let running = 0;
  let most = 0;
  const gate = Promise.withResolvers<void>();
  const clock = { now: () => 0, elapsed: () => time, sleep: async () => {} };
  let time = 0;
  const batch = answerBatch(
    [1, 2, 3, 4, 5],
    async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
      return { ok: true as const };
    },
    { log: silentLog, keyOf: String, parallelMost: 2, beginMs: 100, clock },
  );
  time = 100;
  gate.resolve();
  const { results } = await batch;
  expect(most).toBe(2);
  expect(results.map((each) => each.ok)).toEqual([true, true, false, false, false]);
  expect(results[2]).toEqual({ ok: false, code: 'overloaded' });
});

test('a broken invariant is nobody’s answer', async () => {
  const work = async (): Promise<{ ok: true }> => {
    throw new InvariantBroken('frozen is negative');
  };
  await expect(answerBatch([1], work, { log: silentLog, keyOf: String })).rejects.toThrow(InvariantBroken);
});

test('items of one key keep their order, whatever runs beside them', async () => {
  const seen: string[] = [];
  const items = ['a1', 'b1', 'a2', 'a3', 'b2'];
  const work = async (item: string): Promise<{ ok: true }> => {
    // The first of each key is the slowest.
    await new Promise((resolve) => setTimeout(resolve, 15 - 5 * Number(item[1])));
    seen.push(item);
    if (item === 'a1') throw new Refusal('branch-conflict');
    return { ok: true };
  };
  const { results } = await answerBatch(items, work, { log: silentLog, keyOf: (item) => item[0]! });
  expect(seen.filter((each) => each.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(seen.filter((each) => each.startsWith('b'))).toEqual(['b1', 'b2']);
  expect(results.map((each) => each.ok)).toEqual([false, true, true, true, true]);
});
