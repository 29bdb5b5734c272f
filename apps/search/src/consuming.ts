import { TOPIC_PARTITIONS } from '@tradewind/contracts';
import type { KafkaConnection } from '@tradewind/kafka';
import type { Log, Metrics } from '@tradewind/telemetry';
import { type Clock, Loop } from '@tradewind/time';
import { type IndexedTopic, Indexer } from './indexer.ts';

/** How often the broker is asked how much waits. */
const LAG_EVERY_MS = 5_000;

export interface ConsumingContext {
  readonly kafka: KafkaConnection;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** The one consumer loop of every indexed topic: it takes batches in until it is stopped, whoever is away meanwhile. */
export class Consuming<E> {
  readonly #context: ConsumingContext;
  readonly #topic: IndexedTopic<E>;
  readonly #indexer: Indexer<E>;
  readonly #stop = new AbortController();
  readonly #lag: Loop;
  #running: Promise<void> = Promise.resolve();

  constructor(topic: IndexedTopic<E>, context: ConsumingContext) {
    const { log, metrics, clock } = context;
    this.#topic = topic;
    this.#context = context;
    this.#indexer = new Indexer(topic, metrics, clock);
    this.#lag = new Loop(
      LAG_EVERY_MS,
      () => this.#showLag(),
      (error) => log.debug({ err: error, topic: topic.topic }, 'the consumer lag is not known just now'),
      clock,
    );
  }

  start(): void {
    const { topic, groupId } = this.#topic;
    this.#running = this.#context.kafka.consume({
      ...{ topic, groupId, fromBeginning: true, partitionsAtOnce: TOPIC_PARTITIONS },
      signal: this.#stop.signal,
      onBatch: (events) => this.#indexer.takeIn(events),
    });
    this.#lag.start();
  }

  /** Finishes and commits the batches in hand; what Elasticsearch doesn't take is left uncommitted for the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#running, this.#lag.stop()]);
  }

  async #showLag(): Promise<void> {
    const { index, topic, groupId } = this.#topic;
    const waiting = await this.#context.kafka.consumerLag(groupId, topic);
    this.#context.metrics.gauge('tradewind_search_consumer_lag', waiting, { index: index.name });
  }
}
