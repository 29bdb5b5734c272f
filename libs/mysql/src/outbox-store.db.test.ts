import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutcomeUnknown } from '@tradewind/errors';
import type { OutboxEvent } from '@tradewind/outbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { holdableWire } from './holdable-wire.testing.ts';
import { createOutboxStore, insertOutbox } from './outbox-store.ts';
import { Shard, SHARD_LIMITS } from './shard.ts';
import { type FreshSchema, freshSchema } from './testing.ts';

const TABLE = `CREATE TABLE outbox (
  slot SMALLINT UNSIGNED NOT NULL, aggregate_id BIGINT UNSIGNED NOT NULL, version INT UNSIGNED NOT NULL,
  type VARCHAR(64) CHARACTER SET ascii NOT NULL, payload MEDIUMTEXT NOT NULL, traceparent CHAR(55) CHARACTER SET ascii NULL,
  created_at DATETIME(3) NOT NULL, parked_at DATETIME(3) NULL, parked_reason VARCHAR(500) NULL,
  PRIMARY KEY (slot, aggregate_id, version)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`;

let folder: string;
let schema: FreshSchema;
let shard: Shard;
let store: ReturnType<typeof createOutboxStore>;

const insert = (events: readonly OutboxEvent[]): Promise<void> =>
  schema.shard.transaction((tx) => insertOutbox(tx, events));

const eventOf = (slot: number, aggregateId: string, version: number, ageMs = 0): OutboxEvent => ({
  slot,
  aggregateId,
  version,
  type: 'example.order.changed.v1',
  payload: '{"note":"Grüße 😀 \\" \\\\ \\u0000"}',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  createdAt: new Date(Date.now() - ageMs),
});
const names = (events: readonly OutboxEvent[]): string[] =>
  events.map((e) => `${e.slot}/${e.aggregateId}:${e.version}`);
/** Two ids that are the same number to JavaScript. */
const [NEAR, NEXT] = ['9223372036854775806', '9223372036854775807'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradewind-migrations-'));
  await writeFile(join(folder, '0001_outbox.sql'), `${TABLE};\n`);
  schema = await freshSchema(folder, { slots: [] });
  shard = schema.shard;
  store = createOutboxStore(shard);
});
afterEach(async () => {
  await shard.run('DELETE FROM outbox');
});
afterAll(async () => {
  await schema?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('writing and reading', () => {
  it('gives back exactly what was written: text, time to the millisecond, 63-bit ids', async () => {
    const event = eventOf(1023, NEXT, 1);
    const bare = { ...eventOf(0, '1', 1), traceparent: null };
    await insert([event, bare]);
    expect(await store.read(10)).toEqual([bare, event]);
  });

  it('writes more events than one statement takes, and none', async () => {
    await insert([]);
    await insert(Array.from({ length: 150 }, (_, index) => eventOf(index % 7, String(index + 1), 1)));
    expect((await store.stats()).rows).toBe(150);
  });

  it('reads in the order of the key, each aggregate by version, page by page', async () => {
    const events = [3, 1, 2].flatMap((slot) =>
      [NEXT, NEAR, '5'].flatMap((id) => [2, 1, 10].map((v) => eventOf(slot, id, v))),
    );
    await insert(events);
    const expected = [1, 2, 3].flatMap((slot) =>
      ['5', NEAR, NEXT].flatMap((id) => [1, 2, 10].map((v) => `${slot}/${id}:${v}`)),
    );
    const paged: OutboxEvent[] = [];
    for (let page = await store.read(4); page.length > 0; page = await store.read(4, page.at(-1))) paged.push(...page);
    expect(names(paged)).toEqual(expected);
  });

  it('shows nothing of a transaction that is open, and waits for none', async () => {
    await insert([eventOf(1, '1', 1), eventOf(1, '3', 1)]);
    const open = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const slow = shard.transaction(async (tx) => {
      await insertOutbox(tx, [eventOf(1, '2', 1)]);
      written.resolve();
      await open.promise;
    });
    await written.promise;
    const start = performance.now();
    expect(names(await store.read(10))).toEqual(['1/1:1', '1/3:1']);
    await store.remove([eventOf(1, '1', 1), eventOf(1, '3', 1)]);
    await store.park(eventOf(1, '4', 1), 'not there');
    expect(performance.now() - start).toBeLessThan(1_000);
    open.resolve();
    await slow;
    expect(names(await store.read(10))).toEqual(['1/2:1']);
  });
});

describe('one aggregate', () => {
  it('is read by itself, never with its neighbour in the last digit', async () => {
    await insert([eventOf(1, NEAR, 2), eventOf(1, NEXT, 1), eventOf(1, NEAR, 1), eventOf(2, NEAR, 1)]);
    expect(names(await store.readAggregates([{ slot: 1, aggregateId: NEAR }], 10))).toEqual([
      `1/${NEAR}:1`,
      `1/${NEAR}:2`,
    ]);
    const refs = [
      { slot: 1, aggregateId: NEXT },
      { slot: 2, aggregateId: NEAR },
      { slot: 9, aggregateId: '404' },
    ];
    expect(names(await store.readAggregates(refs, 10))).toEqual([`1/${NEXT}:1`, `2/${NEAR}:1`]);
    expect(await store.readAggregates(refs, 1)).toHaveLength(1);
    expect(await store.readAggregates([], 10)).toEqual([]);
  });
});

describe('removing', () => {
  it('deletes exactly the rows that it names, hundreds at once; gone ones are no error', async () => {
    await insert([eventOf(1, NEAR, 1), eventOf(1, NEAR, 2), eventOf(1, NEXT, 1)]);
    await store.remove([eventOf(1, NEAR, 1), eventOf(1, '404', 1)]);
    expect(names(await store.read(10))).toEqual([`1/${NEAR}:2`, `1/${NEXT}:1`]);
    const many = Array.from({ length: 600 }, (_, index) => eventOf(3, String(index + 1), 1));
    await insert(many);
    await store.remove(many);
    await store.remove([]);
    expect((await store.stats()).rows).toBe(2);
  });
});

describe('parking', () => {
  it('sets an event aside with its reason, until it is replayed or discarded, each once', async () => {
    await insert([eventOf(1, NEAR, 1), eventOf(1, NEAR, 2), eventOf(1, NEXT, 1)]);
    await store.park(eventOf(1, NEAR, 1), `too large 😀${'x'.repeat(600)}`);
    await store.park(eventOf(1, NEXT, 1), 'invalid');
    expect(names(await store.read(10))).toEqual([`1/${NEAR}:2`]);
    expect(names(await store.readAggregates([{ slot: 1, aggregateId: NEAR }], 10))).toEqual([`1/${NEAR}:2`]);
    const parked = await store.parked(10);
    expect(parked.map(({ parkedReason }) => [...parkedReason].length)).toEqual([500, 7]);
    expect(Math.abs((parked[0]?.parkedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    expect([await store.replay(eventOf(1, NEAR, 1)), await store.replay(eventOf(1, NEAR, 1))]).toEqual([true, false]);
    expect([await store.discard(eventOf(1, NEAR, 2)), await store.discard(eventOf(1, NEXT, 1))]).toEqual([false, true]);
    expect(names(await store.read(10))).toEqual([`1/${NEAR}:1`, `1/${NEAR}:2`]);
    expect(await store.parked(10)).toEqual([]);
  });
});

describe('counting', () => {
  it('tells what waits, what is parked, and how old the oldest is that waits', async () => {
    expect(await store.stats()).toEqual({ rows: 0, parked: 0, oldestAgeMs: 0 });
    await insert([eventOf(1, '1', 1, 90_000), eventOf(1, '2', 1, 5_000), eventOf(1, '3', 1)]);
    await store.park(eventOf(1, '1', 1), 'old');
    const { rows, parked, oldestAgeMs } = await store.stats();
    expect([rows, parked]).toEqual([2, 1]);
    expect(oldestAgeMs).toBeGreaterThan(4_900);
    expect(oldestAgeMs).toBeLessThan(35_000);
  });
});

describe('prepared statements', () => {
  it('stay few, however many rows each call is about', async () => {
    const one = await Shard.open('one', schema.url, [], { ...SHARD_LIMITS, connectionsMost: 1 });
    const own = createOutboxStore(one);
    const count = async (): Promise<number> => {
      const [rows] = await one.pool.query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
      return Number((rows as { Value: string }[])[0]?.Value);
    };
    const before = await count();
    for (let size = 1; size < 40; size++) {
      const refs = Array.from({ length: size }, (_, index) => eventOf(1, String(index + 1), 1));
      await own.readAggregates(refs, 500);
      await own.remove(refs);
    }
    expect((await count()) - before).toBe(2);
    await one.close();
  });
});

describe('a server that hangs', () => {
  it('holds no relay: a read is a no, a removal may have happened, and what comes next gets fresh connections', async () => {
    await insert([eventOf(1, '1', 1)]);
    const wire = await holdableWire(schema.url);
    const limits = { ...SHARD_LIMITS, connectionsMost: 2, statementMs: 300, acquireMs: 1000 };
    const held = await Shard.open('held', wire.url, [], limits);
    const own = createOutboxStore(held);
    try {
      await Promise.all([own.read(10), own.read(10)]);
      wire.hold();
      const [read, removed] = await Promise.allSettled([own.read(10), own.remove([eventOf(1, '1', 1)])]);
      expect(read).toMatchObject({ reason: { code: 'unavailable' } });
      expect(removed).toMatchObject({ reason: expect.any(OutcomeUnknown) });
      expect(names(await own.read(10))).toEqual(['1/1:1']);
      await own.remove([eventOf(1, '1', 1)]);
      expect(await own.read(10)).toEqual([]);
    } finally {
      wire.close();
      await held.close().catch(() => undefined);
    }
  });
});
