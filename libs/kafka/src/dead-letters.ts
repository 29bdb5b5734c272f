import type { Log, Metrics } from '@tradewind/telemetry';
import { type IHeaders, type Kafka, type KafkaMessage, type Message, Partitioners, type Producer } from 'kafkajs';
import { ensureTopics } from './admin.ts';
import { closeQuietly, within } from './deadline.ts';
import type { KafkaLimits } from './limits.ts';

export interface DeadLetter {
  readonly message: KafkaMessage;
  readonly reason: string;
}

/** A dead letter carries more headers than the message did, which may have been as large as its topic allows. */
const DEAD_CONFIG = { 'max.message.bytes': String(4 * 1024 * 1024), 'retention.ms': '-1' };

/** Where messages go that are no events: `<topic>.dead`, unchanged, with headers that say why and whence. Kept for ever, since nothing is dropped. */
export class DeadLetters {
  readonly #kafka: Kafka;
  readonly #limits: KafkaLimits;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #made = new Set<string>();
  #producer: Promise<Producer> | undefined;

  constructor(kafka: Kafka, limits: KafkaLimits, log: Log, metrics: Metrics) {
    this.#kafka = kafka;
    this.#limits = limits;
    this.#log = log;
    this.#metrics = metrics;
  }

  /** @throws when the broker did not acknowledge; the same letters may then be buried twice. */
  async bury(topic: string, partition: number, letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    const grave = `${topic}.dead`;
    if (!this.#made.has(grave))
      await ensureTopics(this.#kafka, this.#limits, [{ topic: grave, partitions: 1, config: DEAD_CONFIG }]);
    this.#made.add(grave);
    // One request for one partition: it is taken whole or not at all.
    await this.#send(
      grave,
      letters.map(({ message: { key, value, headers, offset }, reason }) => ({
        key,
        value,
        headers: {
          ...headers,
          dead_reason: reason,
          dead_partition: String(partition),
          dead_offset: offset,
        } as IHeaders,
      })),
    );
    this.#metrics.count('tradewind_kafka_dead_letters_total', { topic }, letters.length);
    for (const { message, reason } of letters) {
      this.#log.error(
        { topic, partition, offset: message.offset, reason },
        'malformed message moved to the dead-letter topic',
      );
    }
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    this.#producer = undefined;
    if (producer !== undefined) await closeQuietly(this.#limits.closeMs, producer);
  }

  async #send(topic: string, messages: Message[]): Promise<void> {
    try {
      this.#producer ??= this.#connect();
      const producer = await this.#producer;
      await within(this.#limits.sendMs, `sending to ${topic}`, producer.send({ topic, acks: -1, messages }));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    await within(this.#limits.sendMs, 'connecting the producer', producer.connect());
    return producer;
  }
}
