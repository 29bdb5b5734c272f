import type { EventSender, OutboxEvent, SendResult } from '@tradewind/outbox';
import type { Log } from '@tradewind/telemetry';
import { type ICustomPartitioner, type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { encodeEvent, messageBytes } from './cloud-event.ts';
import { closeQuietly, within } from './deadline.ts';
import { classify, reasonOf } from './failures.ts';
import type { KafkaLimits } from './limits.ts';

export interface SenderOptions {
  readonly topic: string;
  /** CloudEvents `source`: who emits, such as `/tradewind/order`. */
  readonly source: string;
}

export interface KafkaSender extends EventSender {
  close(): Promise<void>;
}

interface Letter {
  readonly event: OutboxEvent;
  readonly message: Message;
  readonly bytes: number;
}

type Results = Map<OutboxEvent, SendResult>;

/**
 * Sends events to one topic, one request at a time, so that the order in which they are given is the order in the partition.
 *
 * Plain, not idempotent: kafkajs counts its sequence number back after a failed request that may have arrived, so the next, different batch can carry
 * the same numbers, and the broker then acknowledges it as a repeat without writing it. Repeats are the smaller evil: the version judges them.
 *
 * Whatever kills a producer (an error the driver won't repeat, a send that never ends, a closed connection), the next `send` makes a new one.
 */
export class TopicSender implements KafkaSender {
  readonly #kafka: Kafka;
  readonly #limits: KafkaLimits;
  readonly #log: Log;
  readonly #options: SenderOptions;
  readonly #partitions = new WeakMap<Message, number>();
  #producer: Promise<Producer> | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(kafka: Kafka, limits: KafkaLimits, log: Log, options: SenderOptions) {
    this.#kafka = kafka;
    this.#limits = limits;
    this.#log = log;
    this.#options = options;
  }

  send(events: readonly OutboxEvent[]): Promise<SendResult[]> {
    const results = this.#queue.then(() => this.#sendAll(events));
    this.#queue = results.catch(() => {});
    return results;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#rebuild();
  }

  async #sendAll(events: readonly OutboxEvent[]): Promise<SendResult[]> {
    const results: Results = new Map();
    const letters: Letter[] = [];
    for (const event of events) {
      const message = encodeEvent(event, this.#options.source);
      const bytes = messageBytes(message);
      if (bytes <= this.#limits.messageBytesMost) letters.push({ event, message, bytes });
      else
        results.set(event, {
          outcome: 'poisoned',
          reason: `the message takes ${bytes} bytes, more than ${this.#limits.messageBytesMost}`,
        });
    }
    for (const request of requests(letters, this.#limits.requestBytesMost)) await this.#produce(request, results);
    return events.map((event) => results.get(event) ?? { outcome: 'failed-retry', reason: 'not sent' });
  }

  /** Sends one request; when it fails over one message or one partition, sends the others without it. */
  async #produce(request: readonly Letter[], results: Results): Promise<void> {
    const letters = withoutFailedKeys(request, results);
    if (letters.length === 0) return;
    const error = await this.#tryOnce(letters);
    if (error === undefined) return settle(letters, { outcome: 'sent' }, results);
    const reason = reasonOf(error);
    const blame = classify(error);
    if (blame === 'message' && letters.length === 1) return settle(letters, { outcome: 'poisoned', reason }, results);
    // A partition takes a request whole or not at all; what others took already arrives twice.
    const parts = blame === 'connection' ? [letters] : this.#byPartition(letters);
    if (blame === 'message' && parts.length === 1) parts.splice(0, 1, ...halves(letters));
    if (parts.length > 1) {
      for (const part of parts) await this.#produce(part, results);
      return;
    }
    settle(letters, { outcome: 'failed-retry', reason }, results);
    await this.#rebuild();
  }

  async #tryOnce(letters: readonly Letter[]): Promise<unknown> {
    try {
      const producer = await this.#connected();
      const { topic } = this.#options;
      const sent = producer.send({
        topic,
        acks: -1,
        timeout: this.#limits.requestMs,
        messages: letters.map(({ message }) => message),
      });
      await within(this.#limits.sendMs, `sending to ${topic}`, sent);
      return undefined;
    } catch (error) {
      return error ?? new Error('unknown');
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#closed) throw new Error('the sender is closed');
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      createPartitioner: this.#recordingPartitioner,
      allowAutoTopicCreation: false,
      idempotent: false,
      maxInFlightRequests: 1,
    });
    try {
      await within(this.#limits.sendMs, 'connecting the producer', producer.connect());
      return producer;
    } catch (error) {
      void closeQuietly(this.#limits.closeMs, producer);
      throw error;
    }
  }

  /** The Java client's murmur2 partitioner by name (kafkajs's default before 2.0 was another), which also notes where each message goes. */
  readonly #recordingPartitioner: ICustomPartitioner = () => {
    const choose = Partitioners.DefaultPartitioner();
    return (args) => {
      const partition = choose(args);
      this.#partitions.set(args.message, partition);
      return partition;
    };
  };

  /** Nothing when the request failed before its messages had partitions. */
  #byPartition(letters: readonly Letter[]): Letter[][] {
    const groups = new Map<number | undefined, Letter[]>();
    for (const letter of letters) {
      const partition = this.#partitions.get(letter.message);
      const group = groups.get(partition);
      if (group === undefined) groups.set(partition, [letter]);
      else group.push(letter);
    }
    return [...groups.values()];
  }

  async #rebuild(): Promise<void> {
    const dead = this.#producer;
    this.#producer = undefined;
    const producer = await dead?.catch(() => undefined);
    if (producer === undefined) return;
    if (!this.#closed) this.#log.warn({ topic: this.#options.topic }, 'kafka producer is made anew');
    await closeQuietly(this.#limits.closeMs, producer);
  }
}

function* requests(letters: readonly Letter[], bytesMost: number): Generator<Letter[]> {
  let request: Letter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    if (request.length > 0 && bytes + letter.bytes > bytesMost) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(letter);
    bytes += letter.bytes;
  }
  if (request.length > 0) yield request;
}

function halves<T>(list: readonly T[]): [T[], T[]] {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
}

/** What follows a failed event of its key must not overtake it. */
function withoutFailedKeys(letters: readonly Letter[], results: Results): Letter[] {
  const failed = new Set<string>();
  for (const [event, { outcome }] of results) if (outcome === 'failed-retry') failed.add(event.aggregateId);
  const [held, free]: [Letter[], Letter[]] = [[], []];
  for (const letter of letters) (failed.has(letter.event.aggregateId) ? held : free).push(letter);
  settle(held, { outcome: 'failed-retry', reason: 'an earlier event of its key failed' }, results);
  return free;
}

function settle(letters: readonly Letter[], result: SendResult, results: Results): void {
  for (const { event } of letters) results.set(event, result);
}
