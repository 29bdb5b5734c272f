import { Refusal } from '@tradewind/errors';
import { productSlot } from '@tradewind/sharding';
import { systemClock } from '@tradewind/time';
import { silentLog } from '@tradewind/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ResolveStock } from './resolve/resolve-stock.ts';
import { dueBranches, onLines, postponeBranches } from './branch.store.ts';
import { TryStock } from './try/try-stock.ts';
import { freshId, lineOf, phasesOf, stockOf, stockProduct, twoShards, type TwoShards } from './two-shards.testing.ts';

type Action = 'try' | 'confirm' | 'cancel' | 'return';

const ASK_AT = '2030-01-01T00:00:00.123Z';
let two: TwoShards;
let tries: TryStock;
let resolutions: ResolveStock;

beforeAll(async () => {
  two = await twoShards();
  const parts = { shards: two.shards, clock: systemClock, log: silentLog };
  tries = new TryStock(parts);
  resolutions = new ResolveStock(parts);
});
afterAll(() => two?.close());

function act(action: Action, orderId: string, productId: string, quantity = 1): Promise<unknown> {
  const lines = [{ productId, quantity }];
  return action === 'try' ? tries.run({ orderId, askAt: ASK_AT, lines }) : resolutions.run({ orderId, action, lines });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof Refusal ? error.code : `not a refusal: ${String(error)}`),
  );
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

  stock(units: number, quantity: number) {
    const frozen = this.tried && !this.confirmed && !this.cancelled ? quantity : 0;
    const onHand = this.confirmed ? units - quantity : units;
    return { onHand, frozen, available: onHand - frozen };
  }
}

function orderings(left: readonly Action[]): Action[][] {
  if (left.length === 0) return [[]];
  return [...new Set(left)].flatMap((first) => {
    const rest = left.toSpliced(left.indexOf(first), 1);
    return orderings(rest).map((tail) => [first, ...tail]);
  });
}

test('in all 90 orderings of two tries, two confirms and two cancels every answer and the stock are the model’s', async () => {
  const all = orderings(['try', 'try', 'confirm', 'confirm', 'cancel', 'cancel']);
  expect(all).toHaveLength(90);
  for (const script of all) {
    const [orderId, productId] = [freshId(), await stockProduct(two.shards, freshId(), 10)];
    const model = new Model();
    for (const action of script) {
      expect(await codeOf(act(action, orderId, productId, 3)), script.join()).toBe(model.take(action));
    }
    expect(await stockOf(two.shards, productId), script.join()).toEqual(model.stock(10, 3));
  }
});

test('two messages at once end as one of their two orders', async () => {
  const actions: Action[] = ['try', 'confirm', 'cancel'];
  for (const before of [[], ['try'], ['cancel'], ['try', 'confirm']] as Action[][]) {
    for (const [a, b] of actions.flatMap((x) => actions.map((y) => [x, y] as const))) {
      const [orderId, productId] = [freshId(1), await stockProduct(two.shards, freshId(1), 10)];
      for (const action of before) await act(action, orderId, productId);
      const answers = await Promise.all([codeOf(act(a, orderId, productId)), codeOf(act(b, orderId, productId))]);
      const seen = { answers, stock: await stockOf(two.shards, productId) };
      const possible = [false, true].map((isSwapped) => {
        const model = new Model();
        for (const action of before) model.take(action);
        const told = (isSwapped ? [b, a] : [a, b]).map((action) => model.take(action));
        return { answers: isSwapped ? told.reverse() : told, stock: model.stock(10, 1) };
      });
      expect(possible, `${before.join()} then ${a} with ${b}`).toContainEqual(seen);
    }
  }
});

test('a cancel before its try leaves a tombstone, and the late try freezes nothing', async () => {
  const [orderId, productId] = [freshId(), await stockProduct(two.shards, freshId(), 5)];
  await act('cancel', orderId, productId);
  expect(await phasesOf(two.shards, orderId)).toEqual({ [productId]: 'voided' });
  expect(await codeOf(act('try', orderId, productId))).toBe('branch-conflict');
  expect(await stockOf(two.shards, productId)).toEqual({ onHand: 5, available: 5, frozen: 0 });
});

test('what was confirmed comes back whole and once', async () => {
  const [orderId, productId] = [freshId(), await stockProduct(two.shards, freshId(), 5)];
  expect(await codeOf(act('return', orderId, productId, 2))).toBe('branch-conflict');
  for (const action of ['try', 'confirm', 'return', 'return'] as const) await act(action, orderId, productId, 2);
  expect(await stockOf(two.shards, productId)).toEqual({ onHand: 5, available: 5, frozen: 0 });
  expect(await codeOf(act('cancel', orderId, productId, 2))).toBe('branch-conflict');
});

test('two lines of one product can not oversell', async () => {
  const productId = await stockProduct(two.shards, freshId(), 5);
  const lines = [
    { productId, quantity: 3 },
    { productId, quantity: 3 },
  ];
  await expect(tries.run({ orderId: freshId(), askAt: ASK_AT, lines })).rejects.toMatchObject({ code: 'stock-short' });
  expect(await stockOf(two.shards, productId)).toEqual({ onHand: 5, available: 5, frozen: 0 });
});

test('200 at once for 50 units: exactly 50 get one, 150 are refused', async () => {
  const productId = await stockProduct(two.shards, freshId(), 50);
  const answers = await Promise.all(Array.from({ length: 200 }, () => codeOf(act('try', freshId(), productId))));
  expect(answers.filter((code) => code === 'ok')).toHaveLength(50);
  expect(answers.filter((code) => code === 'stock-short')).toHaveLength(150);
  expect(await stockOf(two.shards, productId)).toEqual({ onHand: 50, available: 0, frozen: 50 });
});

test('50 cancels of an unknown branch at once: each is told yes, no deadlock reaches anyone', async () => {
  const [orderId, productId] = [freshId(), await stockProduct(two.shards, freshId(), 5)];
  const answers = await Promise.all(Array.from({ length: 50 }, () => codeOf(act('cancel', orderId, productId))));
  expect(new Set(answers)).toEqual(new Set(['ok']));
  expect(await phasesOf(two.shards, orderId)).toEqual({ [productId]: 'voided' });
});

test('a stale router writes nothing', async () => {
  const [orderId, productId] = [freshId(), await stockProduct(two.shards, freshId(), 5)];
  await act('try', orderId, productId);
  two.route.epoch = 0;
  try {
    for (const action of ['try', 'confirm', 'cancel', 'return'] as const) {
      expect(await codeOf(act(action, orderId, productId))).toBe('unavailable');
      expect(await codeOf(act(action, freshId(), productId))).toBe('unavailable');
    }
  } finally {
    two.route.epoch = 1;
  }
  expect(await phasesOf(two.shards, orderId)).toEqual({ [productId]: 'tried' });
  expect(await stockOf(two.shards, productId)).toEqual({ onHand: 5, available: 4, frozen: 1 });
});

test('the largest id goes through unchanged, and its neighbour, equal as a double, is another', async () => {
  const [most, neighbour] = ['9223372036854775807', '9223372036854775806'];
  await stockProduct(two.shards, most, 5);
  await stockProduct(two.shards, neighbour, 5);
  const [priced] = await tries.run({ orderId: most, askAt: ASK_AT, lines: [{ productId: most, quantity: 2 }] });
  expect(priced).toEqual({ productId: most, name: `Product ${most}`, unitPrice: { amount: 1999, currency: 'EUR' } });
  expect(await codeOf(act('confirm', neighbour, most, 2))).toBe('branch-conflict');
  await act('confirm', most, most, 2);
  await act('cancel', neighbour, most, 2);
  expect(await stockOf(two.shards, most)).toEqual({ onHand: 3, available: 3, frozen: 0 });
  expect(await stockOf(two.shards, neighbour)).toEqual({ onHand: 5, available: 5, frozen: 0 });
  expect(await phasesOf(two.shards, most)).toEqual({ [most]: 'confirmed' });
});

test('quantities that no column holds are refused, not broken upon', async () => {
  const productId = await stockProduct(two.shards, freshId(), 5);
  expect(await codeOf(act('try', freshId(), productId, 10 ** 12))).toBe('stock-short');
  expect(await codeOf(act('try', freshId(), productId, Number.MAX_SAFE_INTEGER))).toBe('stock-short');
  expect(await codeOf(act('cancel', freshId(), productId, 10 ** 12))).toBe('branch-conflict');
  expect(await codeOf(act('confirm', freshId(), productId, 10 ** 12))).toBe('branch-conflict');
});

test('a branch asks when its time has come, to the millisecond, until it is postponed or resolved', async () => {
  const [orderId, productId] = [freshId(), await stockProduct(two.shards, freshId(), 5)];
  const { shard, epoch } = two.shards.at(productSlot(productId));
  const mine = async (at: string) =>
    (await dueBranches(shard, new Date(at), 1000)).filter((each) => each.orderId === orderId);
  await act('try', orderId, productId, 2);
  expect(await mine('2030-01-01T00:00:00.122Z')).toEqual([]);
  expect(await mine(ASK_AT)).toEqual([{ ...lineOf(productId, 2), orderId }]);
  const message = { orderId, at: new Date(), askAt: new Date('2031-01-01T00:00:00.000Z') };
  await onLines({ shard, epoch }, [lineOf(productId)], (tx) => postponeBranches(tx, message, [lineOf(productId)]));
  expect(await mine(ASK_AT)).toEqual([]);
  await act('cancel', orderId, productId, 2);
  expect(await mine('2032-01-01T00:00:00.000Z')).toEqual([]);
});
