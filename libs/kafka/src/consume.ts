import type { Log, Metrics } from '@tradewind/telemetry';
import { backoffMs, systemClock } from '@tradewind/time';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { type ConsumedEvent, decodeEvent, isMalformed } from './cloud-event.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import { closeQuietly } from './deadline.ts';
import type { KafkaLimits } from './limits.ts';

/** An event that reads well and still can never be taken in, such as one that breaks its contract. */
export interface RefusedEvent {
  readonly event: ConsumedEvent;
  readonly reason: string;
}

export interface ConsumeOptions {
  readonly topic: string;
  readonly groupId: string;
  /** Where a group without a commit starts. */
  readonly fromBeginning: boolean;
  /**
   * Takes in the events of one partition, in order; may see any of them again. When it throws, the same batch comes again after a pause, for ever.
   * @returns the events that can never be taken in: they go to the dead letters before the batch is acknowledged
   */
  readonly onBatch: (events: readonly ConsumedEvent[]) => Promise<readonly RefusedEvent[] | void>;
  /** Stops the consumer: the batch in hand is finished and committed, then the group is left. */
  readonly signal: AbortSignal;
  /** Partitions whose batches are handled at the same time; 1 when absent. */
  readonly partitionsAtOnce?: number;
  /** Called each time the group has given this consumer its partitions. */
  readonly onJoined?: (partitions: readonly number[]) => void;
}

export interface ConsumeContext {
  readonly kafka: Kafka;
  readonly limits: KafkaLimits;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly deadLetters: DeadLetters;
}

/**
 * Consumes until the signal says stop. Never ends by itself: a broker that is away, a crash of the driver, a lost session lead to a new consumer after a
 * pause. kafkajs restarts itself after some errors and not after others (tulios/kafkajs#1443, #1445); here it never does, and this loop always does.
 */
export async function consume(context: ConsumeContext, options: ConsumeOptions): Promise<void> {
  const { log, limits } = context;
  const { topic, groupId, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    const joined = (): number => (failures = 0);
    const crash = await runUntilCrash(context, options, joined).catch((error: unknown) => error);
    if (signal.aborted) return;
    failures += 1;
    log.warn({ err: crash, topic, groupId, failures }, 'kafka consumer crashed, starting a new one');
    await systemClock.sleep(backoffMs(failures, limits.retry), signal).catch(() => {});
  }
}

/** @returns what the consumer crashed of; undefined when it was stopped. */
async function runUntilCrash(context: ConsumeContext, options: ConsumeOptions, onJoin: () => void): Promise<unknown> {
  const { kafka, limits } = context;
  const { topic, groupId, fromBeginning, signal } = options;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: limits.fetchWaitMs,
    sessionTimeout: limits.sessionMs,
    heartbeatInterval: limits.heartbeatMs,
    retry: { retries: limits.driverRetriesMost, restartOnFailure: () => Promise.resolve(false) },
  });
  const settled = new AbortController();
  const start = async (): Promise<void> => {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: options.partitionsAtOnce ?? 1,
      eachBatch: (batch) => handleBatch(context, options, batch),
    });
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    onJoin();
    options.onJoined?.(payload.memberAssignment[topic] ?? []);
  });
  try {
    const ended = endOf(consumer, signal, settled.signal);
    return await Promise.race([ended, start().then(() => ended)]);
  } finally {
    settled.abort();
    // Never from inside a batch: it would wait for itself (tulios/kafkajs#1168).
    await closeQuietly(limits.closeMs + limits.sessionMs, consumer);
  }
}

function endOf(consumer: Consumer, stop: AbortSignal, settled: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
    stop.addEventListener('abort', () => resolve(undefined), { once: true, signal: settled });
  });
}

async function handleBatch(context: ConsumeContext, options: ConsumeOptions, payload: EachBatchPayload): Promise<void> {
  const { batch, resolveOffset, commitOffsetsIfNecessary, isRunning, isStale } = payload;
  if (!isRunning() || isStale()) return;
  const last = batch.messages.at(-1);
  if (last === undefined) return;
  const done = await underHeartbeat(payload, context.limits, (isLost) => deliver(context, options, payload, isLost));
  if (!done) return;
  resolveOffset(last.offset);
  const offset = (BigInt(last.offset) + 1n).toString();
  const { topic, partition } = batch;
  await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
}

/** Dead letters first, once; then the handler, until it takes the batch in. @returns false when the batch is not ours to finish any more. */
async function deliver(
  { limits, log, metrics, deadLetters }: ConsumeContext,
  { topic, groupId, onBatch, signal }: ConsumeOptions,
  { batch, isRunning, isStale }: EachBatchPayload,
  isLost: () => boolean,
): Promise<boolean> {
  const { events, malformed } = sort(batch.messages, batch.partition);
  let [buried, attempt] = [false, 0];
  for (;;) {
    try {
      if (!buried) await deadLetters.bury(topic, batch.partition, malformed);
      buried = true;
      const refused = events.length === 0 ? [] : ((await onBatch(events)) ?? []);
      await deadLetters.bury(topic, batch.partition, lettersOf(batch.messages, refused));
      metrics.count('tradewind_kafka_consumed_total', { topic, group: groupId }, events.length);
      return true;
    } catch (error) {
      attempt += 1;
      metrics.count('tradewind_kafka_handler_failed_total', { topic, group: groupId });
      log.error(
        { err: error, topic, groupId, partition: batch.partition, events: events.length, attempt },
        'batch failed, trying it again',
      );
      await systemClock.sleep(backoffMs(attempt, limits.retry), signal).catch(() => {});
      if (signal.aborted || isLost() || !isRunning() || isStale()) return false;
    }
  }
}

function sort(messages: readonly KafkaMessage[], partition: number) {
  const events: ConsumedEvent[] = [];
  const malformed: DeadLetter[] = [];
  for (const message of messages) {
    const decoded = decodeEvent(message, partition);
    if (isMalformed(decoded)) malformed.push({ message, reason: decoded.reason });
    else events.push(decoded);
  }
  return { events, malformed };
}

function lettersOf(messages: readonly KafkaMessage[], refused: readonly RefusedEvent[]): DeadLetter[] {
  const reasons = new Map(refused.map(({ event, reason }) => [event.offset, reason]));
  return messages.flatMap((message) => {
    const reason = reasons.get(message.offset);
    return reason === undefined ? [] : [{ message, reason }];
  });
}

/**
 * Keeps the session alive while a handler works or waits for its next try. A heartbeat that fails says that the group has moved on: its error ends the batch
 * and makes the driver join again; whoever has the partition then gets the batch.
 */
async function underHeartbeat<T>(
  { heartbeat }: EachBatchPayload,
  limits: KafkaLimits,
  work: (isLost: () => boolean) => Promise<T>,
): Promise<T> {
  let lost: { readonly error: unknown } | undefined;
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => (lost ??= { error }));
  }, limits.heartbeatMs);
  try {
    const result = await work(() => lost !== undefined);
    if (lost !== undefined) throw lost.error;
    return result;
  } finally {
    clearInterval(timer);
  }
}
