import { Refusal } from '@tradewind/errors';
import { orderSlot } from '@tradewind/sharding';
import { silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dueBranches, inUserSlot, postponeBranch } from './payment.store.ts';
import { ResolvePayment } from './resolve/resolve-payment.ts';
import { TryPayment } from './try/try-payment.ts';
import { balancesOf, fillWallet, freshId, twoShards, type TwoShards } from './two-shards.testing.ts';

type Action = 'try' | 'confirm' | 'cancel' | 'return';

const ASK_AT = '2030-01-01T00:00:00.123Z';
let two: TwoShards;
let tries: TryPayment;
let resolutions: ResolvePayment;

beforeAll(async () => {
  two = await twoShards();
  const parts = { shards: two.shards, clock: systemClock, log: silentLog };
  tries = new TryPayment(parts);
  resolutions = new ResolvePayment(parts);
});
afterAll(() => two?.close());

interface Branch {
  readonly orderId: string;
  readonly userId: string;
  readonly attempt?: number;
  readonly amount?: number;
}

function act(action: Action, { orderId, userId, attempt = 0, amount = 30 }: Branch): Promise<void> {
  if (action !== 'try') return resolutions.run({ orderId, attempt, userId, action });
  return tries.run({ orderId, attempt, userId, amount: { amount, currency: 'EUR' }, askAt: ASK_AT });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof Refusal ? error.code : `not a refusal: ${String(error)}`),
  );
}

async function user(balance = 100): Promise<Branch> {
  return { orderId: freshId(), userId: await fillWallet(two.shards, freshId(), balance) };
}

async function rowsOf({ userId, orderId }: Branch): Promise<{ phases: string[]; lines: [string, string, string][] }> {
  const slot = orderSlot(userId);
  const { shard } = two.shards.at(slot);
  const phases = await shard.read<{ phase: string }>(
    'SELECT phase FROM payment_branch WHERE slot = ? AND order_id = ? ORDER BY attempt',
    [...[slot, orderId]],
  );
  const lines = await shard.read<{ cause: string; kind: string; amount: string }>(
    'SELECT cause, kind, amount FROM ledger_line WHERE slot = ? AND transfer_id = ? ORDER BY cause, line_no',
    [slot, orderId],
  );
  return { phases: phases.map((row) => row.phase), lines: lines.map((row) => [row.cause, row.kind, row.amount]) };
}

/** Told apart from the production table on purpose: three facts, and what each message may do with them. */
class Model {
  tried = false;
  confirmed = false;
  cancelled = false;

  take(action: Action): 'ok' | 'branch-conflict' {
    if (action === 'try' && !this.cancelled) return ((this.tried = true), 'ok');
    if (action === 'confirm' && this.tried && !this.cancelled) return ((this.confirmed = true), 'ok');
    if (action === 'cancel' && !this.confirmed) return ((this.cancelled = true), 'ok');
    return 'branch-conflict';
  }

  wallet(balance: number, amount: number) {
    const frozen = this.tried && !this.confirmed && !this.cancelled ? amount : 0;
    return { balance: this.confirmed ? balance - amount : balance, frozen };
  }
}

function orderings(left: readonly Action[]): Action[][] {
  if (left.length === 0) return [[]];
  return [...new Set(left)].flatMap((first) => {
    const rest = left.toSpliced(left.indexOf(first), 1);
    return orderings(rest).map((tail) => [first, ...tail]);
  });
}

test('in all 90 orderings of two tries, two confirms and two cancels every answer and the wallet are the model’s', async () => {
  const all = orderings(['try', 'try', 'confirm', 'confirm', 'cancel', 'cancel']);
  expect(all).toHaveLength(90);
  for (const script of all) {
    const branch = await user();
    const model = new Model();
    for (const action of script) expect(await codeOf(act(action, branch)), script.join()).toBe(model.take(action));
    expect(await balancesOf(two.shards, branch.userId), script.join()).toEqual(model.wallet(100, 30));
  }
});

test('two messages at once end as one of their two orders', async () => {
  const actions: Action[] = ['try', 'confirm', 'cancel'];
  for (const before of [[], ['try'], ['cancel'], ['try', 'confirm']] as Action[][]) {
    for (const [a, b] of actions.flatMap((x) => actions.map((y) => [x, y] as const))) {
      const branch = await user();
      for (const action of before) await act(action, branch);
      const answers = await Promise.all([codeOf(act(a, branch)), codeOf(act(b, branch))]);
      const seen = { answers, wallet: await balancesOf(two.shards, branch.userId) };
      const possible = [false, true].map((isSwapped) => {
        const model = new Model();
        for (const action of before) model.take(action);
        const told = (isSwapped ? [b, a] : [a, b]).map((action) => model.take(action));
        return { answers: isSwapped ? told.reverse() : told, wallet: model.wallet(100, 30) };
      });
      expect(possible, `${before.join()} then ${a} with ${b}`).toContainEqual(seen);
    }
  }
});

test('a cancel before its try leaves a tombstone, and the late try freezes nothing', async () => {
  const branch = await user();
  await act('cancel', branch);
  expect(await codeOf(act('try', branch))).toBe('branch-conflict');
  expect(await rowsOf(branch)).toEqual({ phases: ['voided'], lines: [] });
  expect(await balancesOf(two.shards, branch.userId)).toEqual({ balance: 100, frozen: 0 });
});

test('a captured payment comes back whole and once, line by line', async () => {
  const branch = await user();
  for (const action of ['try', 'confirm', 'return', 'return'] as const) await act(action, branch);
  expect(await rowsOf(branch)).toEqual({
    phases: ['returned'],
    lines: [
      ['capture', 'wallet', '-30'],
      ['capture', 'merchant', '30'],
      ['return', 'wallet', '30'],
      ['return', 'merchant', '-30'],
    ],
  });
  expect(await balancesOf(two.shards, branch.userId)).toEqual({ balance: 100, frozen: 0 });
  expect(await codeOf(act('cancel', branch))).toBe('branch-conflict');
});

test('too little, an account that never was, or another currency: balance-short, and nothing stays', async () => {
  const branch = await user(29);
  expect(await codeOf(act('try', branch))).toBe('balance-short');
  expect(await codeOf(act('try', { orderId: freshId(), userId: freshId() }))).toBe('balance-short');
  const dollars = { ...branch, attempt: 0, amount: { amount: 1, currency: 'USD' as const }, askAt: ASK_AT };
  expect(await codeOf(tries.run(dollars))).toBe('balance-short');
  expect(await rowsOf(branch)).toEqual({ phases: [], lines: [] });
  // A refused try is no tombstone: with money in the wallet it passes.
  expect(await codeOf(act('try', { ...branch, amount: 29 }))).toBe('ok');
});

test('what waits for one order can not be spent on another: 200 at once for money for 50', async () => {
  const { userId } = await user(50);
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => codeOf(act('try', { orderId: freshId(), userId, amount: 1 }))),
  );
  expect(answers.filter((code) => code === 'ok')).toHaveLength(50);
  expect(answers.filter((code) => code === 'balance-short')).toHaveLength(150);
  expect(await balancesOf(two.shards, userId)).toEqual({ balance: 50, frozen: 50 });
});

test('50 cancels of an unknown branch at once: each is told yes, no deadlock reaches anyone', async () => {
  const branch = await user();
  const answers = await Promise.all(Array.from({ length: 50 }, () => codeOf(act('cancel', branch))));
  expect(new Set(answers)).toEqual(new Set(['ok']));
  expect(await rowsOf(branch)).toMatchObject({ phases: ['voided'] });
});

test('a repeated try with another amount, or for another user, is refused and changes nothing', async () => {
  const branch = await user();
  await act('try', branch);
  expect(await codeOf(act('try', { ...branch, amount: 31 }))).toBe('branch-conflict');
  expect(await codeOf(act('try', branch))).toBe('ok');
  expect(await balancesOf(two.shards, branch.userId)).toEqual({ balance: 100, frozen: 30 });
});

test('attempts of one order are branches of their own, but only one is ever captured', async () => {
  const branch = await user();
  await act('try', branch);
  await act('try', { ...branch, attempt: 1 });
  await act('confirm', branch);
  const second = act('confirm', { ...branch, attempt: 1 });
  await expect(second).rejects.toThrow('another attempt has the capture of this order');
  await act('cancel', { ...branch, attempt: 1 });
  expect(await rowsOf(branch)).toMatchObject({ phases: ['confirmed', 'cancelled'] });
  expect(await balancesOf(two.shards, branch.userId)).toEqual({ balance: 70, frozen: 0 });
});

test('a free order is paid without a wallet', async () => {
  const branch = { orderId: freshId(), userId: freshId(), amount: 0 };
  await act('try', branch);
  await act('confirm', branch);
  expect(await rowsOf(branch)).toEqual({
    phases: ['confirmed'],
    lines: [
      ['capture', 'wallet', '0'],
      ['capture', 'merchant', '0'],
    ],
  });
});

test('a stale router writes nothing', async () => {
  const branch = await user();
  await act('try', branch);
  two.route.epoch = 0;
  try {
    for (const action of ['try', 'confirm', 'cancel', 'return'] as const) {
      expect(await codeOf(act(action, branch))).toBe('unavailable');
      expect(await codeOf(act(action, { ...branch, orderId: freshId() }))).toBe('unavailable');
    }
  } finally {
    two.route.epoch = 1;
  }
  expect(await rowsOf(branch)).toEqual({ phases: ['tried'], lines: [] });
});

test('the largest id goes through unchanged, and its neighbour, equal as a double, is another', async () => {
  const [most, neighbour] = ['9223372036854775807', '9223372036854775806'];
  await fillWallet(two.shards, most, 100);
  const branch = { orderId: most, userId: most };
  await act('try', branch);
  expect(await codeOf(act('confirm', { ...branch, orderId: neighbour }))).toBe('branch-conflict');
  await act('cancel', { ...branch, orderId: neighbour });
  await act('confirm', branch);
  expect(await balancesOf(two.shards, most)).toEqual({ balance: 70, frozen: 0 });
  expect(await rowsOf({ ...branch, orderId: neighbour })).toMatchObject({ phases: ['voided'] });
});

test('a branch asks when its time has come, to the millisecond, until it is postponed or resolved', async () => {
  const branch = await user();
  const key = { orderId: branch.orderId, attempt: 0, userId: branch.userId };
  const { shard } = two.shards.at(orderSlot(branch.userId));
  const mine = async (at: string) =>
    (await dueBranches(shard, new Date(at), 1000)).filter((each) => each.orderId === branch.orderId);
  await act('try', branch);
  expect(await mine('2030-01-01T00:00:00.122Z')).toEqual([]);
  expect(await mine(ASK_AT)).toEqual([key]);
  const postponed = { ...key, at: new Date(), askAt: new Date('2031-01-01T00:00:00.000Z') };
  await inUserSlot(two.shards, branch.userId, (tx, slot) => postponeBranch(tx, slot, postponed));
  expect(await mine(ASK_AT)).toEqual([]);
  await act('confirm', branch);
  expect(await mine('2032-01-01T00:00:00.000Z')).toEqual([]);
});
