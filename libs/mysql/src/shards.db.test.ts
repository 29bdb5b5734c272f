import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
