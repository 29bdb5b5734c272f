import { randomUUID } from 'node:crypto';
import type { OutboxEvent } from '@tradewind/outbox';
import { silentLog } from '@tradewind/telemetry';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsumedEvent, connectKafka, type KafkaConnection } from './index.ts';

const address = process.env['KAFKA_BROKERS'];
if (address === undefined) throw new Error('KAFKA_BROKERS must name Kafka brokers to test against.');
const brokers = address.split(',');

const PARTITIONS = 3;
const BASE = 9_000_000_000_000_000_000n;
const eventOf = (key: number, version: number, payload = '{}'): OutboxEvent => ({
  slot: key % 1024,
  aggregateId: String(BASE + BigInt(key)),
  version,
  type: 'example.order.changed.v1',
  payload,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
});

let kafka: KafkaConnection;
const topics: string[] = [];
const raw = new Kafka({ brokers, clientId: 'test', logLevel: logLevel.NOTHING });

async function newTopic(config: Record<string, string> = {}): Promise<string> {
  const topic = `tw-test-${randomUUID()}`;
  topics.push(topic);
  await kafka.ensureTopics([{ topic, partitions: PARTITIONS, config }]);
  return topic;
}

async function readAll(topic: string): Promise<ConsumedEvent[]> {
  const events: ConsumedEvent[] = [];
  await kafka.readTopic(topic, (event) => void events.push(event));
  return events;
}

async function produceRaw(
  topic: string,
  messages: { key: string | null; value: string | Buffer | null; headers?: Record<string, string> }[],
) {
  const producer = raw.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

/** Starts a consumer; `until` resolves when the condition holds, `stop` leaves the group. */
function startConsumer(topic: string, groupId: string, onBatch: (events: readonly ConsumedEvent[]) => Promise<void>) {
  const stop = new AbortController();
  const joined = Promise.withResolvers<void>();
  const options = {
    topic,
    groupId,
    fromBeginning: true,
    onBatch,
    signal: stop.signal,
    onJoined: () => joined.resolve(),
  };
  const ended = kafka.consume(options);
  return {
    joined: joined.promise,
    stop: async (): Promise<void> => {
      stop.abort();
      await ended;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

beforeAll(() => {
  const limits = { retry: { firstMs: 20, mostMs: 100 } };
  kafka = connectKafka({ brokers, clientId: 'tradewind-test', log: silentLog, limits });
});
afterAll(async () => {
  await kafka.close();
  const admin = raw.admin();
  await admin.connect();
  const left = (await admin.listTopics()).filter((topic) => topics.some((ours) => topic.startsWith(ours)));
  await admin.deleteTopics({ topics: left });
  await admin.disconnect();
});

describe('topics', () => {
  it('are made once when four processes race', async () => {
    const topic = `tw-test-${randomUUID()}`;
    topics.push(topic);
    const spec = [{ topic, partitions: PARTITIONS }];
    await Promise.all(Array.from({ length: 4 }, () => kafka.ensureTopics(spec)));
    await kafka.ensureTopics(spec);
    expect(await readAll(topic)).toEqual([]);
  });

  it('are refused at once when they can never be made', async () => {
    const made = kafka.ensureTopics([{ topic: `tw-test-${randomUUID()}`, partitions: 0 }]);
    await expect(made).rejects.toThrow();
  });
});

describe('the sender', () => {
  it('writes CloudEvents in binary mode: attributes as headers, the payload alone as the value', async () => {
    const topic = await newTopic();
    const sender = kafka.sender({ topic, source: '/tradewind/order' });
    const event = eventOf(1, 1, '{"note":"Grüße 😀","orderId":"9223372036854775807"}');
    expect(await sender.send([event])).toEqual([{ outcome: 'sent' }]);
    const [seen] = await readAll(topic);
    expect(seen).toMatchObject({
      key: event.aggregateId,
      id: `${event.aggregateId}:1`,
      aggregateId: event.aggregateId,
      version: 1,
      type: event.type,
      time: event.createdAt,
      traceparent: event.traceparent,
      payload: event.payload,
      data: { orderId: '9223372036854775807' },
    });
  });

  it('keeps the order of a key over many sends, and one key in one partition', async () => {
    const topic = await newTopic();
    const sender = kafka.sender({ topic, source: '/test' });
    const sends = Array.from({ length: 20 }, (_, version) =>
      sender.send(Array.from({ length: 50 }, (_, key) => eventOf(key, version + 1))),
    );
    for (const results of await Promise.all(sends))
      expect(results.every(({ outcome }) => outcome === 'sent')).toBe(true);
    const [versions, partitions] = [new Map<string, number[]>(), new Map<string, Set<number>>()];
    for (const { key, version, partition } of await readAll(topic)) {
      versions.set(key, [...(versions.get(key) ?? []), version]);
      partitions.set(key, (partitions.get(key) ?? new Set()).add(partition));
    }
    expect(versions.size).toBe(50);
    const inOrder = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const seen of versions.values()) {
      // A batch whose acknowledgement came late is sent again, before the next one: at least once.
      expect(seen.filter((version, index) => version !== seen[index - 1])).toEqual(inOrder);
    }
    for (const used of partitions.values()) expect(used.size).toBe(1);
  });

  it('poisons only the event that is too large, whether it knows the limit or the broker says so (others may come twice)', async () => {
    const topic = await newTopic({ 'max.message.bytes': '20000' });
    const sender = kafka.sender({ topic, source: '/test' });
    const large = (bytes: number): string => JSON.stringify('x'.repeat(bytes));
    const batch = [
      eventOf(1, 1),
      eventOf(2, 1, large(30_000)),
      eventOf(2, 2),
      eventOf(3, 1, large(1_200_000)),
      eventOf(4, 1),
    ];
    const outcomes = (await sender.send(batch)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['sent', 'poisoned', 'sent', 'poisoned', 'sent']);
    const arrived = new Set((await readAll(topic)).map(({ id }) => id));
    expect(arrived).toEqual(new Set([batch[0], batch[2], batch[4]].map((e) => `${e?.aggregateId}:${e?.version}`)));
  });

  it('sends a batch that is larger than one request may be', async () => {
    const topic = await newTopic();
    const sender = kafka.sender({ topic, source: '/test' });
    const events = Array.from({ length: 60 }, (_, index) =>
      eventOf(index % 3, Math.floor(index / 3) + 1, JSON.stringify('y'.repeat(50_000))),
    );
    expect((await sender.send(events)).every(({ outcome }) => outcome === 'sent')).toBe(true);
    expect(await readAll(topic)).toHaveLength(60);
  });

  it('answers failed-retry for a topic that is missing, and works once it is there', async () => {
    const topic = `tw-test-${randomUUID()}`;
    topics.push(topic);
    const sender = kafka.sender({ topic, source: '/test' });
    expect(await sender.send([eventOf(1, 1)])).toMatchObject([{ outcome: 'failed-retry' }]);
    await kafka.ensureTopics([{ topic, partitions: 1 }]);
    expect(await sender.send([eventOf(1, 1)])).toEqual([{ outcome: 'sent' }]);
  });
});

describe('the consumer', () => {
  it('gets every event in the order of its key and goes on where it committed', async () => {
    const [topic, groupId] = [await newTopic(), randomUUID()];
    const sender = kafka.sender({ topic, source: '/test' });
    await sender.send([eventOf(1, 1), eventOf(2, 1), eventOf(1, 2)]);
    const seen: string[] = [];
    const take = (events: readonly ConsumedEvent[]): Promise<void> => {
      seen.push(...events.map(({ key, version }) => `${Number(BigInt(key) - BASE)}:${version}`));
      return Promise.resolve();
    };
    const first = startConsumer(topic, groupId, take);
    await until(() => new Set(seen).size === 3);
    await first.stop();
    expect(await kafka.consumerLag(groupId, topic)).toBe(0);
    await sender.send([eventOf(1, 3)]);
    expect(await kafka.consumerLag(groupId, topic)).toBe(1);
    const second = startConsumer(topic, groupId, take);
    await until(() => new Set(seen).size === 4);
    await second.stop();
    // At least once: a batch whose acknowledgement was lost comes twice, but first times keep their order.
    expect([...new Set(seen)].filter((id) => id.startsWith('1:'))).toEqual(['1:1', '1:2', '1:3']);
  });

  it('never acknowledges what threw: the same batch comes again, and after a stop to the next consumer', async () => {
    const [topic, groupId] = [await newTopic(), randomUUID()];
    await kafka.sender({ topic, source: '/test' }).send([eventOf(1, 1), eventOf(1, 2)]);
    const attempts: number[] = [];
    const failing = startConsumer(topic, groupId, (events) => {
      attempts.push(events.length);
      return Promise.reject(new Error('the index is away'));
    });
    await until(() => attempts.length >= 5);
    await failing.stop();
    expect(new Set(attempts)).toEqual(new Set([2]));
    expect(await kafka.consumerLag(groupId, topic)).toBe(2);
    const seen: string[] = [];
    const well = startConsumer(topic, groupId, (events) =>
      Promise.resolve(void seen.push(...events.map(({ id }) => id))),
    );
    await until(() => seen.length === 2);
    await well.stop();
    expect(await kafka.consumerLag(groupId, topic)).toBe(0);
  });

  it('moves a message that is no event to the dead-letter topic and goes on', async () => {
    const [topic, groupId] = [await newTopic(), randomUUID()];
    const good = eventOf(1, 1);
    const ce = {
      ce_specversion: '1.0',
      ce_id: `${good.aggregateId}:7`,
      ce_type: 't',
      ce_time: new Date().toISOString(),
    };
    await produceRaw(topic, [
      { key: good.aggregateId, value: '{}' },
      { key: good.aggregateId, value: '{broken', headers: ce },
      { key: 'other', value: '{}', headers: ce },
      { key: good.aggregateId, value: Buffer.from([0xff, 0xfe]), headers: ce },
      { key: null, value: null },
    ]);
    await kafka.sender({ topic, source: '/test' }).send([good]);
    const seen: string[] = [];
    const consumer = startConsumer(topic, groupId, (events) =>
      Promise.resolve(void seen.push(...events.map(({ id }) => id))),
    );
    await until(() => seen.length === 1);
    await untilAsync(async () => (await kafka.consumerLag(groupId, topic)) === 0);
    await consumer.stop();
    const graves = await kafka.readTopic(`${topic}.dead`, () => {});
    expect(graves.malformed).toBe(graves.messages);
    expect(graves.messages).toBeGreaterThanOrEqual(5);
    expect(await kafka.readTopic(topic, () => {})).toEqual({ messages: 6, malformed: 5 });
  });

  it('keeps its partitions while a handler works longer than the session lasts', async () => {
    const own = connectKafka({
      brokers,
      clientId: 'slow',
      log: silentLog,
      limits: { sessionMs: 6_000, heartbeatMs: 500 },
    });
    const [topic, groupId] = [await newTopic(), randomUUID()];
    await own.sender({ topic, source: '/test' }).send([eventOf(1, 1)]);
    let calls = 0;
    const stop = new AbortController();
    const onBatch = async (): Promise<void> => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 9_000));
    };
    const ended = own.consume({ topic, groupId, fromBeginning: true, onBatch, signal: stop.signal });
    await untilAsync(async () => calls > 0 && (await own.consumerLag(groupId, topic)) === 0);
    stop.abort();
    await ended;
    expect(calls).toBe(1);
    await own.close();
  });

  it('shares partitions with a second consumer; both stop within a second', async () => {
    const [topic, groupId] = [await newTopic(), randomUUID()];
    const seen = new Set<string>();
    const take = (events: readonly ConsumedEvent[]): Promise<void> =>
      Promise.resolve(events.forEach(({ id }) => seen.add(id)));
    const consumers = [startConsumer(topic, groupId, take), startConsumer(topic, groupId, take)];
    await Promise.all(consumers.map(({ joined }) => joined));
    await kafka.sender({ topic, source: '/test' }).send(Array.from({ length: 100 }, (_, key) => eventOf(key, 1)));
    await until(() => seen.size === 100);
    const start = performance.now();
    await Promise.all(consumers.map(({ stop }) => stop()));
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});

describe('reading a whole topic', () => {
  it('ends at what was there when it began, each message once, and leaves no group behind', async () => {
    const topic = await newTopic();
    const sender = kafka.sender({ topic, source: '/test' });
    const batches = Array.from({ length: 10 }, (_, b) =>
      Array.from({ length: 300 }, (_, key) => eventOf(key, b + 1, JSON.stringify('z'.repeat(500)))),
    );
    for (const batch of batches) await sender.send(batch);
    const ids = new Set<string>();
    const read = await kafka.readTopic(topic, async (event) => {
      if (ids.size === 10) await sender.send([eventOf(5_000, 1)]);
      ids.add(event.id);
    });
    expect(read).toEqual({ messages: 3_000, malformed: 0 });
    expect(ids.size).toBe(3_000);
    const admin = raw.admin();
    await admin.connect();
    const { groups } = await admin.listGroups();
    await admin.disconnect();
    expect(groups.filter(({ groupId }) => groupId.startsWith('tradewind-read-'))).toEqual([]);
  });

  it("hands the reader's own error to the caller", async () => {
    const topic = await newTopic();
    await kafka.sender({ topic, source: '/test' }).send([eventOf(1, 1)]);
    const read = kafka.readTopic(topic, () => {
      throw new Error('enough');
    });
    await expect(read).rejects.toThrow('enough');
  });
});

describe('without a broker', () => {
  it('answers in time: a ping says no, a send says retry, a consumer stops when told', async () => {
    const away = connectKafka({ brokers: ['127.0.0.1:1'], clientId: 'away', log: silentLog });
    expect(await away.ping()).toBe(false);
    expect(await away.sender({ topic: 'x', source: '/test' }).send([eventOf(1, 1)])).toMatchObject([
      { outcome: 'failed-retry' },
    ]);
    const signal = AbortSignal.timeout(200);
    await away.consume({ topic: 'x', groupId: 'x', fromBeginning: true, onBatch: () => Promise.resolve(), signal });
    await away.close();
  });
});

async function untilAsync(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}
