import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '@tradewind/errors';
import { silentLog } from '@tradewind/telemetry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shard } from './shard.ts';
import { twoShards, type TwoShards } from './testing.ts';

const FIRST =
  'CREATE TABLE IF NOT EXISTS slot_owner (slot SMALLINT UNSIGNED PRIMARY KEY, epoch INT UNSIGNED NOT NULL);';

let folder: string;
let two: TwoShards;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradewind-migrations-'));
  await writeFile(join(folder, '0001_first.sql'), FIRST);
  two = await twoShards('some', folder);
});
afterAll(async () => {
  await two?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a shard that is away, or that has more than there is room for, leaves room for the others', async () => {
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (fields: object) => void warned.push(fields) };
  const read = async ({ name }: Shard): Promise<string[]> => (name === 'some-0' ? ['a1', 'a2', 'a3'] : ['b1']);
  expect(await two.shards.inTurn(read, log)).toEqual(['a1', 'b1', 'a2', 'a3']);
  expect(warned).toEqual([]);
  const away = new Refusal('unavailable');
  const halfRead = (shard: Shard) => (shard.name === 'some-0' ? Promise.reject(away) : read(shard));
  expect(await two.shards.inTurn(halfRead, log)).toEqual(['b1']);
  expect(warned).toEqual([{ err: away, shard: 'some-0' }]);
});

test('with one shard away the service is still of use, and says which is missing; with both it is not', async () => {
  const { shards } = two;
  const states = async (): Promise<string[]> =>
    (await Promise.allSettled(Object.values(shards.pings()).map((ping) => ping()))).map(({ status }) => status);
  expect(Object.keys(shards.pings())).toEqual(['some-0', 'some-1']);
  expect(await states()).toEqual(['fulfilled', 'fulfilled']);
  await shards.at(0).shard.close();
  expect(await states()).toEqual(['rejected', 'fulfilled']);
  await expect(shards.ping()).resolves.toBeUndefined();
  await shards.at(1).shard.close();
  await expect(shards.ping()).rejects.toThrow();
});
