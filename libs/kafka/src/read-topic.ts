import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { topicOffsets, withAdmin } from './admin.ts';
import { type ConsumedEvent, decodeEvent, isMalformed } from './cloud-event.ts';
import { closeQuietly } from './deadline.ts';
import type { KafkaLimits } from './limits.ts';

export interface TopicRead {
  readonly messages: number;
  /** Messages that are no events; counted and passed over. */
  readonly malformed: number;
}

/** Where a read is, by partition: the next offset to take, and the one to stop before. */
interface Progress {
  readonly next: Map<number, bigint>;
  readonly end: Map<number, bigint>;
  messages: number;
  malformed: number;
  lastAt: number;
}

const GROUP_PREFIX = 'tradewind-read-';

/**
 * Reads all that a topic holds when the call begins, each message once, in the order of its partition, and ends. Memory is one fetch. kafkajs can't read without a
 * group, so one with a random name lives for the length of the call; it commits nothing and is deleted.
 * @throws when nothing came for `stallMs`
 */
export async function readTopic(
  kafka: Kafka,
  limits: KafkaLimits,
  topic: string,
  onMessage: (event: ConsumedEvent) => void | Promise<void>,
): Promise<TopicRead> {
  const progress: Progress = { next: new Map(), end: new Map(), messages: 0, malformed: 0, lastAt: performance.now() };
  const offsets = await withAdmin(kafka, limits, 'asking for the offsets', (admin) =>
    topicOffsets(admin, limits, topic),
  );
  for (const { partition, low, high } of offsets) {
    if (high > low) progress.end.set(partition, high);
    progress.next.set(partition, low);
  }
  const groupId = GROUP_PREFIX + randomUUID();
  try {
    while (!isDone(progress)) await readOn(kafka, limits, { topic, groupId, onMessage, progress });
  } finally {
    await withAdmin(kafka, limits, 'deleting the group', (admin) => admin.deleteGroups([groupId])).catch(() => {});
  }
  return { messages: progress.messages, malformed: progress.malformed };
}

interface Reading {
  readonly topic: string;
  readonly groupId: string;
  readonly onMessage: (event: ConsumedEvent) => void | Promise<void>;
  readonly progress: Progress;
}

/** One consumer's life; when it crashes, the next one goes on where it was. */
async function readOn(kafka: Kafka, limits: KafkaLimits, reading: Reading): Promise<void> {
  const { topic, groupId, progress } = reading;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: limits.fetchWaitMs,
    retry: { retries: limits.driverRetriesMost, restartOnFailure: () => Promise.resolve(false) },
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await runUntilDone(consumer, limits, reading);
  } catch (error) {
    if (performance.now() - progress.lastAt > limits.stallMs || error instanceof HandlerFailed) throw unwrap(error);
  } finally {
    await closeQuietly(limits.closeMs, consumer);
  }
}

class HandlerFailed extends Error {}

function unwrap(error: unknown): unknown {
  return error instanceof HandlerFailed ? error.cause : error;
}

function runUntilDone(consumer: Consumer, limits: KafkaLimits, reading: Reading): Promise<void> {
  const { topic, progress } = reading;
  return new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const stalled = performance.now() - progress.lastAt > limits.stallMs;
      if (stalled) finish(() => reject(new Error(`reading ${topic}: nothing came for ${limits.stallMs} ms`)));
    }, limits.stallMs / 10);
    const finish = (settle: () => void): void => {
      clearInterval(watch);
      settle();
    };
    consumer.on(consumer.events.CRASH, ({ payload }) => finish(() => reject(payload.error)));
    const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
      try {
        await takeIn(payload, reading);
      } catch (error) {
        finish(() => reject(new HandlerFailed('handler', { cause: error })));
        return;
      }
      if (isDone(progress)) finish(resolve);
    };
    consumer
      .run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
      .catch((error: unknown) => finish(() => reject(error)));
    // Only after `run` does the driver know where to seek.
    for (const [partition, next] of progress.next) consumer.seek({ topic, partition, offset: next.toString() });
  });
}

async function takeIn({ batch, resolveOffset, heartbeat, pause }: EachBatchPayload, reading: Reading): Promise<void> {
  const { progress, onMessage } = reading;
  const { partition } = batch;
  const end = progress.end.get(partition) ?? 0n;
  for (const message of batch.messages) {
    const offset = BigInt(message.offset);
    if (offset >= end || offset < (progress.next.get(partition) ?? 0n)) continue;
    const decoded = decodeEvent(message, partition);
    if (isMalformed(decoded)) progress.malformed += 1;
    else await onMessage(decoded);
    progress.messages += 1;
    progress.next.set(partition, offset + 1n);
    await heartbeat();
  }
  progress.lastAt = performance.now();
  // The last offset may belong to a record that isn't shown, or that compaction took: the batch's end counts, not the message's.
  progress.next.set(partition, BigInt(batch.lastOffset()) + 1n);
  resolveOffset(batch.lastOffset());
  if ((progress.next.get(partition) ?? 0n) >= end) pause();
}

function isDone({ next, end }: Progress): boolean {
  return [...end].every(([partition, high]) => (next.get(partition) ?? 0n) >= high);
}
