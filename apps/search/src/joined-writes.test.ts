import type { BulkDoc, BulkFailure } from '@tradewind/elastic';
import { systemClock } from '@tradewind/time';
import { expect, it } from 'vitest';
import { BULK_EVERY_MS, JoinedWrites, type WriteBulk } from './joined-writes.ts';

const doc = (id: string): BulkDoc => ({ id, version: 1, body: '{}' });
const failure = (id: string): BulkFailure => ({
  id,
  version: 1,
  status: 400,
  type: 't',
  reason: 'r',
  retriable: false,
});

function joinedOver(write: WriteBulk = async () => []) {
  const bulks: string[][] = [];
  const slept: number[] = [];
  const clock = { ...systemClock, elapsed: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const joined = new JoinedWrites((docs) => {
    bulks.push(docs.map(({ id }) => id));
    return write(docs);
  }, clock);
  return { joined, bulks, slept };
}

it('sends a lone batch at once', async () => {
  const { joined, bulks, slept } = joinedOver();
  expect(await joined.write([doc('1')])).toEqual([]);
  expect([bulks, slept]).toEqual([[['1']], []]);
});

it('joins the partitions of one fetch, then what came while the bulk was under way', async () => {
  const arrived = Promise.withResolvers<readonly BulkFailure[]>();
  const { joined, bulks, slept } = joinedOver(() => (bulks.length === 1 ? arrived.promise : Promise.resolve([])));
  const first = [joined.write([doc('1'), doc('2')]), joined.write([doc('3')])];
  await new Promise((resolve) => setImmediate(resolve));
  const second = [joined.write([doc('4')]), joined.write([doc('5')])];
  expect(bulks).toEqual([['1', '2', '3']]);
  arrived.resolve([]);
  await Promise.all([...first, ...second]);
  expect(bulks).toEqual([
    ['1', '2', '3'],
    ['4', '5'],
  ]);
  expect(slept[0]).toBe(BULK_EVERY_MS);
});

it('tells each batch of its own failures only', async () => {
  const { joined } = joinedOver(async () => [failure('2'), failure('3')]);
  const batches = [[doc('1')], [doc('2')], [doc('3'), doc('4')]];
  const failed = await Promise.all(batches.map((docs) => joined.write(docs)));
  expect(failed.map((each) => each.map(({ id }) => id))).toEqual([[], ['2'], ['3']]);
});

it('fails every batch of a bulk that failed, and goes on with the next', async () => {
  const { joined, bulks } = joinedOver(() => {
    if (bulks.length === 1) throw new Error('away');
    return Promise.resolve([]);
  });
  const ends = await Promise.allSettled([joined.write([doc('1')]), joined.write([doc('2')])]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await joined.write([doc('1')])).toEqual([]);
});
