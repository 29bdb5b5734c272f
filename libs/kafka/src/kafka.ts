import { type Log, type Metrics, noMetrics } from '@tradewind/telemetry';
import { Kafka, logLevel } from 'kafkajs';
import { consumerLag, ensureTopics, type TopicSpec, withAdmin } from './admin.ts';
import type { ConsumedEvent } from './cloud-event.ts';
import { consume, type ConsumeOptions } from './consume.ts';
import { DeadLetters } from './dead-letters.ts';
import { driverLog } from './driver-log.ts';
import { repairRequestQueue } from './driver-repair.ts';
import { KAFKA_LIMITS, type KafkaLimits } from './limits.ts';
import { readTopic, type TopicRead } from './read-topic.ts';
import { type KafkaSender, type SenderOptions, TopicSender } from './sender.ts';

export interface KafkaOptions {
  /** `host:port` of some brokers of the cluster. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly limits?: Partial<KafkaLimits>;
}

/** One Kafka cluster. Nothing connects before it is used, so an absent broker is no error here. */
export interface KafkaConnection {
  /** Never throws. */
  ping(): Promise<boolean>;
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  sender(options: SenderOptions): KafkaSender;
  /** Resolves after the signal, when the group is left; never before, never with an error. */
  consume(options: ConsumeOptions): Promise<void>;
  readTopic(topic: string, onMessage: (event: ConsumedEvent) => void | Promise<void>): Promise<TopicRead>;
  consumerLag(groupId: string, topic: string): Promise<number>;
  close(): Promise<void>;
}

export function connectKafka(options: KafkaOptions): KafkaConnection {
  repairRequestQueue();
  const { log, metrics = noMetrics } = options;
  const limits = { ...KAFKA_LIMITS, ...options.limits };
  const kafka = new Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: limits.connectMs,
    requestTimeout: limits.requestMs,
    retry: { retries: limits.driverRetriesMost, ...driverPauses(limits) },
    logLevel: logLevel.WARN,
    logCreator: driverLog(log),
  });
  const deadLetters = new DeadLetters(kafka, limits, log, metrics);
  const senders: KafkaSender[] = [];
  return {
    ping: () =>
      withAdmin(kafka, { ...limits, adminMs: limits.connectMs }, 'ping', (admin) => admin.describeCluster()).then(
        () => true,
        () => false,
      ),
    ensureTopics: (topics) => ensureTopics(kafka, limits, topics),
    sender: (senderOptions) => {
      const sender = new TopicSender(kafka, limits, log, senderOptions);
      senders.push(sender);
      return sender;
    },
    consume: (consumeOptions) => consume({ kafka, limits, log, metrics, deadLetters }, consumeOptions),
    readTopic: (topic, onMessage) => readTopic(kafka, limits, topic, onMessage),
    consumerLag: (groupId, topic) => consumerLag(kafka, limits, groupId, topic),
    close: async () => {
      await Promise.all([...senders.map((sender) => sender.close()), deadLetters.close()]);
    },
  };
}

function driverPauses(limits: KafkaLimits): { initialRetryTime: number; maxRetryTime: number } {
  return { initialRetryTime: limits.retry.firstMs, maxRetryTime: limits.retry.mostMs };
}
