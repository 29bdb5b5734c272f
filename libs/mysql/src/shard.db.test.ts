import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireSlots } from './fence.ts';
import { earlierAnswer, rememberAnswer } from './idempotency.ts';
import { holdableWire } from './holdable-wire.testing.ts';
import { migrate } from './migrate.ts';
import { Shard, SHARD_LIMITS } from './shard.ts';
import { parseShardUrls } from './shards.ts';
import { duplicateKey } from './sql-errors.ts';
import { type FreshSchema, freshSchema } from './testing.ts';

const FIRST = `CREATE TABLE IF NOT EXISTS slot_owner (slot SMALLINT UNSIGNED NOT NULL PRIMARY KEY, epoch INT UNSIGNED NOT NULL) ENGINE=InnoDB;
-- a comment with a ; in it
CREATE TABLE IF NOT EXISTS thing (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, n INT NOT NULL, CONSTRAINT thing_n CHECK (n >= 0)) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS idempotency (slot SMALLINT UNSIGNED NOT NULL, user_id BIGINT UNSIGNED NOT NULL, idem_key VARBINARY(255) NOT NULL,
  fingerprint BINARY(32) NOT NULL, subject_id BIGINT UNSIGNED NOT NULL, answer MEDIUMTEXT NOT NULL, created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (slot, user_id, idem_key)) ENGINE=InnoDB;
`;

let folder: string;
let schema: FreshSchema;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradewind-migrations-'));
  await writeFile(join(folder, '0001_first.sql'), FIRST);
  schema = await freshSchema(folder);
});
afterAll(async () => {
  await schema?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a second migrator finds nothing to do; two at once both succeed', async () => {
  const both = await Promise.all([migrate(schema.url, folder), migrate(schema.url, folder)]);
  expect(both.map((each) => each.applied)).toEqual([[], []]);
});

test('a migrator that died between two statements goes on behind the last one it noted', async () => {
  await writeFile(
    join(folder, '0002_second.sql'),
    'CREATE TABLE made (a INT);\nCREATE TABLE missing_engine (a INT) ENGINE=NoSuchEngineAtAll;\n',
  );
  await expect(migrate(schema.url, folder)).rejects.toThrow();
  const [row] = await schema.shard.read<{ done: number; checksum: string }>(
    "SELECT statements_done AS done, checksum FROM schema_migration WHERE name = '0002_second.sql'",
  );
  expect(row?.done).toBe(1);
  // Mended by hand: what stood in the way is there now, the file itself is unchanged; the first statement is not run again.
  await schema.shard.pool.query("UPDATE schema_migration SET statements_done = 2 WHERE name = '0002_second.sql'");
  expect((await migrate(schema.url, folder)).applied).toEqual([]);
});

test('a file that was applied and then changed is refused by name', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'tradewind-migrations-'));
  await writeFile(join(copy, '0001_first.sql'), `${FIRST}CREATE TABLE sneaky (a INT);\n`);
  await expect(migrate(schema.url, copy)).rejects.toThrow('0001_first.sql has changed');
  await rm(copy, { recursive: true });
});

test('what work throws rolls everything back', async () => {
  const failed = schema.shard.transaction(async (tx) => {
    await tx.run('INSERT INTO thing (id, n) VALUES (1, 1)');
    throw new Refusal('not-found');
  });
  await expect(failed).rejects.toMatchObject({ code: 'not-found' });
  expect(await schema.shard.read('SELECT id FROM thing WHERE id = 1')).toEqual([]);
});

test('a deadlock is broken by running one transaction again, and no caller hears of it', async () => {
  await schema.shard.transaction((tx) => tx.run('INSERT INTO thing (id, n) VALUES (10, 0), (11, 0)'));
  const both = Promise.withResolvers<void>();
  let inside = 0;
  const cross = (first: number, second: number) =>
    schema.shard.transaction(async (tx) => {
      await tx.run('UPDATE thing SET n = n + 1 WHERE id = ?', [first]);
      if ((inside += 1) === 2) both.resolve();
      await both.promise;
      await tx.run('UPDATE thing SET n = n + 1 WHERE id = ?', [second]);
    });
  await Promise.all([cross(10, 11), cross(11, 10)]);
  expect(await schema.shard.read('SELECT n FROM thing WHERE id IN (10, 11)')).toEqual([{ n: 2 }, { n: 2 }]);
  expect(inside).toBeGreaterThan(2);
});

test('a duplicate is told from a broken check, and updates count rows that changed', async () => {
  const insert = () => schema.shard.transaction((tx) => tx.run('INSERT INTO thing (id, n) VALUES (20, 5)'));
  await insert();
  expect(duplicateKey(await insert().catch((error: unknown) => error))).toBe('PRIMARY');
  const negative = schema.shard.transaction((tx) => tx.run('UPDATE thing SET n = -1 WHERE id = 20'));
  expect(duplicateKey(await negative.catch((error: unknown) => error))).toBeUndefined();
  expect(await schema.shard.transaction((tx) => tx.run('UPDATE thing SET n = 5 WHERE id = 20'))).toBe(0);
  expect(
    await schema.shard.transaction((tx) =>
      tx.run('INSERT INTO thing (id, n) VALUES (20, 9) ON DUPLICATE KEY UPDATE id = id'),
    ),
  ).toBe(0);
});

test('the fence lets the owner of the epoch or a newer map in, nobody else', async () => {
  const enter = (slots: number[], epoch: number) => schema.shard.transaction((tx) => requireSlots(tx, slots, epoch));
  await enter([1, 2, 1], 1);
  await enter([1], 7);
  await expect(enter([1], 0)).rejects.toMatchObject({ code: 'unavailable' });
  await schema.shard.transaction((tx) => tx.run('DELETE FROM slot_owner WHERE slot = 3'));
  await expect(enter([2, 3], 1)).rejects.toMatchObject({ code: 'unavailable' });
});

test('whoever takes a slot away waits for the writers inside', async () => {
  const entered = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const order: string[] = [];
  const writer = schema.shard.transaction(async (tx) => {
    await requireSlots(tx, [4], 1);
    entered.resolve();
    await leave.promise;
    order.push('writer left');
  });
  await entered.promise;
  const taker = schema.shard
    .transaction((tx) => tx.run('DELETE FROM slot_owner WHERE slot = 4'))
    .then(() => order.push('slot taken'));
  leave.resolve();
  await Promise.all([writer, taker]);
  expect(order).toEqual(['writer left', 'slot taken']);
});

test('an answer is remembered once; its key with another request is refused', async () => {
  const effect = { slot: 5, userId: '9223372036854775807', key: 'ключ', fingerprint: 'ab'.repeat(32) };
  await schema.shard.transaction((tx) => rememberAnswer(tx, effect, '77', { ok: 1 }, new Date()));
  const look = (fingerprint: string) => schema.shard.transaction((tx) => earlierAnswer(tx, { ...effect, fingerprint }));
  expect(await look(effect.fingerprint)).toEqual({ subjectId: '77', answer: { ok: 1 } });
  await expect(look('cd'.repeat(32))).rejects.toMatchObject({ code: 'idempotency-key-reused' });
});

test('a statement that takes too long ends as unavailable and leaves no transaction behind', async () => {
  const shard = await Shard.open('slow', schema.url, [], { ...SHARD_LIMITS, statementMs: 200 });
  const slow = shard.transaction(async (tx) => {
    await tx.run('INSERT INTO thing (id, n) VALUES (30, 0)');
    await tx.rows('SELECT SLEEP(2)');
    await tx.run('INSERT INTO thing (id, n) VALUES (31, 0)');
  });
  // MariaDB ends the statement with an error, MySQL's SLEEP answers 1 when interrupted: either way nothing hangs.
  await slow.catch((error: unknown) => expect(error).toMatchObject({ code: 'unavailable' }));
  await shard.close();
  expect([0, 2]).toContain((await schema.shard.read('SELECT id FROM thing WHERE id IN (30, 31)')).length);
});

test('more callers than the pool and its queue hold are refused as overloaded, at once', async () => {
  const shard = await Shard.open('small', schema.url, [], { ...SHARD_LIMITS, connectionsMost: 1, waitersMost: 2 });
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => shard.read('SELECT SLEEP(0.05)')));
  const refused = results.filter((each) => each.status === 'rejected').map((each) => (each.reason as Refusal).code);
  expect(new Set(refused)).toEqual(new Set(['overloaded']));
  expect(refused.length).toBeGreaterThan(0);
  await shard.close();
});

test('a server that is gone is a definite no before the commit', async () => {
  const shard = await Shard.open('cut', schema.url, [], SHARD_LIMITS);
  const admin = await createConnection({ uri: schema.url });
  const cut = shard.transaction(async (tx) => {
    const [row] = await tx.rows<{ id: string }>('SELECT CONNECTION_ID() AS id');
    await admin.query(`KILL ${Number(row?.id)}`);
    await tx.run('INSERT INTO thing (id, n) VALUES (40, 0)');
  });
  await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
  await admin.end();
  await shard.close();
});

test('addresses that can not be read are named, without their passwords', () => {
  expect(parseShardUrls('a=mysql://x/y, b=mariadb://z/w')).toEqual(
    new Map([
      ['a', 'mysql://x/y'],
      ['b', 'mysql://z/w'],
    ]),
  );
  for (const bad of ['', 'a', 'a=http://x', '=mysql://x', 'a=mysql://x,a=mysql://y'])
    expect(() => parseShardUrls(bad)).toThrow();
  expect(() => parseShardUrls('a=http://u:secret@h/x')).toThrow(/^a is not written as name=mysql:/);
  expect(() => parseShardUrls('a=mysql://x,mysql://u:secret@h/x')).toThrow(/^entry 2 is not written as name=mysql:/);
});

test('a server that hangs holds nobody: before the commit that is a refusal, at the commit the outcome is unknown', async () => {
  for (const at of ['begin', 'prepare', 'commit'] as const) {
    const wire = await holdableWire(schema.url);
    const shard = await Shard.open('held', wire.url, [], { ...SHARD_LIMITS, statementMs: 300, acquireMs: 1000 });
    try {
      if (at === 'begin') wire.hold();
      const work = shard.transaction(async (tx) => {
        if (at === 'prepare') wire.hold();
        await tx.rows('SELECT 1');
        if (at === 'commit') wire.hold();
      });
      if (at !== 'commit') await expect(work).rejects.toMatchObject({ code: 'unavailable' });
      else await expect(work).rejects.toThrow(OutcomeUnknown);
    } finally {
      wire.close();
      await shard.close().catch(() => undefined);
    }
  }
});

test('reads that hang take no connection with them: the next ones get fresh ones', async () => {
  const wire = await holdableWire(schema.url);
  const limits = { ...SHARD_LIMITS, connectionsMost: 2, statementMs: 300, acquireMs: 1000 };
  const shard = await Shard.open('held', wire.url, [], limits);
  const read = (): Promise<unknown> => shard.entities((manager) => manager.query("SELECT 'up' AS answer"));
  try {
    await Promise.all([read(), read()]);
    wire.hold();
    for (const each of await Promise.allSettled([read(), read(), read()]))
      expect(each).toMatchObject({ reason: { code: 'unavailable' } });
    expect(await read()).toEqual([{ answer: 'up' }]);
  } finally {
    wire.close();
    await shard.close().catch(() => undefined);
  }
});
