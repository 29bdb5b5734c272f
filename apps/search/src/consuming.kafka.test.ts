import { randomUUID } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { OrderEventData } from '@tradewind/contracts';
import { connectKafka, type KafkaConnection } from '@tradewind/kafka';
import { type Log, noMetrics, silentLog } from '@tradewind/telemetry';
import { systemClock } from '@tradewind/time';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consuming } from './consuming.ts';
import { orderTopic } from './orders/order-indexer.ts';
import { needed, testAlias, testElastic, testOrder, testOrderId, testOrderIndex, until } from './testing.ts';

const brokers = needed('KAFKA_BROKERS').split(',');
const elasticUrl = needed('ELASTICSEARCH_URL');
const PARTITIONS = 3;

/** A door in front of a server, on a port of its own, that can be shut and opened again. */
class Door {
  readonly #to: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#to = { host: hostname, port: Number(port) };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    const server = createServer((inside) => {
      const outside = connect(this.#to);
      for (const socket of [inside, outside]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => [inside, outside].forEach((each) => each.destroy()));
      }
      inside.pipe(outside).pipe(inside);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    this.#port = address !== null && typeof address === 'object' ? address.port : 0;
    this.#server = server;
  }

  async shut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}

let kafka: KafkaConnection;
let topic: string;
let reasons: string[];
/** Batches that failed and will be tried again. */
let failures: number;
const elastic = testElastic(elasticUrl);
const groupId = 'search-orders-test';

beforeEach(async () => {
  reasons = [];
  failures = 0;
  const error: Log['error'] = (fields) => {
    if ('reason' in fields) reasons.push(String(fields.reason));
    else failures += 1;
  };
  const log: Log = { ...silentLog, error };
  kafka = connectKafka({ brokers, clientId: 'search-test', log, limits: { retry: { firstMs: 20, mostMs: 100 } } });
  topic = `tw-test-${randomUUID()}`;
  await kafka.ensureTopics([{ topic, partitions: PARTITIONS }]);
});
afterEach(() => kafka.close());

async function produce(...events: { order: OrderEventData; payload?: string }[]): Promise<void> {
  const sender = kafka.sender({ topic, source: '/tradewind/order' });
  const results = await sender.send(
    events.map(({ order, payload = JSON.stringify(order) }) => ({
      ...{ slot: 0, aggregateId: order.orderId, version: order.version, payload, traceparent: null },
      type: 'tradewind.order.placed.v1',
      createdAt: new Date(),
    })),
  );
  expect(results.map(({ outcome }) => outcome)).toEqual(events.map(() => 'sent'));
}

/** The consumer loop over an index of its own; `versions` is what a reader of Elasticsearch finds there. */
function consumingThrough(url: string) {
  const alias = testAlias('consuming');
  const writing = testElastic(url);
  const index = testOrderIndex(writing, alias);
  const start = () => {
    const context = { kafka, log: silentLog, metrics: noMetrics, clock: systemClock };
    const consuming = new Consuming({ ...orderTopic(index), topic, groupId }, context);
    consuming.start();
    return consuming;
  };
  const versions = async (): Promise<Record<string, number>> => {
    if (!(await elastic.client.indices.existsAlias({ name: alias }))) return {};
    await elastic.refresh(alias);
    const found: Record<string, number> = {};
    for await (const { id, version } of elastic.scanAll(alias, 'orderKey', { source: false })) found[id] = version;
    return found;
  };
  const close = async () => {
    await writing.close();
    await elastic.client.indices.delete({ index: `${alias}-*` });
  };
  return { start, versions, close };
}

const waiting = () => kafka.consumerLag(groupId, topic);

describe('the consumer loop', () => {
  it('sends poisoned messages to the dead-letter topic with their reasons and indexes what comes after them', async () => {
    const { start, versions, close } = consumingThrough(elasticUrl);
    const order = testOrder(0, { version: 3 });
    await produce(
      { order: testOrder(0) },
      { order: testOrder(0, { version: 2 }), payload: '{"orderId":' },
      { order: testOrder(1), payload: '{"orderId":"1","surprise":true}' },
      { order },
      { order: testOrder(2) },
    );
    const consuming = start();
    await until('the rest is indexed', async () => (await versions())[testOrderId(2)] === 1);
    await until('all is acknowledged', async () => (await waiting()) === 0);
    await consuming.stop();
    expect(await versions()).toEqual({ [testOrderId(0)]: 3, [testOrderId(2)]: 1 });
    const dead: string[] = [];
    await kafka.readTopic(`${topic}.dead`, ({ id }) => void dead.push(id));
    // The other one is no event at all, so that this reader can't show it; its reason was alarmed.
    expect(dead).toEqual([`${testOrderId(1)}:1`]);
    expect(reasons.sort()).toEqual(
      ['the value is not JSON', expect.stringMatching(/breaks its contract: userId: /)].sort(),
    );
    await close();
  });

  it('acknowledges nothing while Elasticsearch is away, and catches up alone when it is back', async () => {
    const door = new Door(elasticUrl);
    await door.open();
    const { start, versions, close } = consumingThrough(door.url);
    const consuming = start();
    await produce(...[0, 1, 2].map((index) => ({ order: testOrder(index) })));
    await until('the first are in', async () => (await waiting()) === 0);

    await door.shut();
    await produce(...[0, 1, 2, 3, 4].map((index) => ({ order: testOrder(index, { version: 2 }) })));
    await until('every partition was tried several times', () => failures >= 3 * PARTITIONS);
    expect(await waiting()).toBe(5);
    expect(Object.values(await versions())).toEqual([1, 1, 1]);

    await door.open();
    await until('all is acknowledged', async () => (await waiting()) === 0);
    expect(Object.values(await versions())).toEqual([2, 2, 2, 2, 2]);
    await consuming.stop();
    await door.shut();
    await close();
  });

  it('starts without Elasticsearch, can be stopped while it retries, and leaves the batch to the next start', async () => {
    const door = new Door(elasticUrl);
    await door.open();
    const { start, versions, close } = consumingThrough(door.url);
    await door.shut();
    await produce({ order: testOrder(0) });
    const first = start();
    await until('a batch was tried', () => failures > 0);
    await first.stop();
    expect(await waiting()).toBe(1);
    await door.open();
    const second = start();
    await until('it is indexed by the second', async () => (await waiting()) === 0);
    await second.stop();
    expect(await versions()).toEqual({ [testOrderId(0)]: 1 });
    await door.shut();
    await close();
  });
});
