import type { Shards } from '@tradewind/mysql';
import { silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterEach, expect, test, vi } from 'vitest';
import { Decisions } from './decisions.ts';

const HANGING = 1;

afterEach(() => vi.useRealTimers());

/** An id of this slot, in the layout of the design. */
function idOf(slot: number, tick: bigint): string {
  return ((tick << 22n) | (BigInt(slot) << 12n)).toString();
}

test('a shard that hangs keeps no branch of another shard from its answer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const shards = {
    at: (slot: number) => ({
      shard: {
        transaction: () =>
          slot === HANGING ? new Promise(() => {}) : Promise.resolve({ ok: true, decision: 'cancel' }),
      },
      epoch: 1,
    }),
  } as unknown as Shards;
  const asks = [HANGING, 2, HANGING, 3].map((slot, index) => ({
    participant: 'stock' as const,
    orderId: idOf(slot, BigInt(index + 1)),
  }));
  const answered = new Decisions({ shards, clock: systemClock, log: silentLog }).decideAll(asks);
  await vi.advanceTimersByTimeAsync(4000);
  expect((await answered).results).toEqual([
    { ok: false, code: 'deadline' },
    { ok: true, decision: 'cancel' },
    { ok: false, code: 'deadline' },
    { ok: true, decision: 'cancel' },
  ]);
});
