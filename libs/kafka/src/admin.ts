import { systemClock } from '@tradewind/time';
import type { Admin, ITopicConfig, Kafka } from 'kafkajs';
import { closeQuietly, within } from './deadline.ts';
import { isDefinite, isElecting } from './failures.ts';
import type { KafkaLimits } from './limits.ts';

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  /** The broker's default when absent. */
  readonly replicas?: number;
  /** Such as `{ 'retention.ms': '604800000' }`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Between two attempts to make topics, or to ask for their offsets. */
const TOPIC_PAUSE_MS = 200;

export interface PartitionOffsets {
  readonly partition: number;
  readonly low: bigint;
  /** The offset that the next message will get. */
  readonly high: bigint;
}

/** Connects an admin client for one piece of work and closes it again, all within `adminMs`. */
export async function withAdmin<T>(
  kafka: Kafka,
  limits: KafkaLimits,
  what: string,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = kafka.admin();
  try {
    return await within(
      limits.adminMs,
      what,
      admin.connect().then(() => work(admin)),
    );
  } finally {
    await closeQuietly(limits.closeMs, admin);
  }
}

/**
 * Makes the topics that are missing and waits until their leaders answer; those that exist stay as they are. Of two processes that race, both succeed. Tries for
 * `adminMs`, since a broker that is starting refuses at first, and since a new topic is not known at once to the broker that is asked about it (kafkajs's own
 * waiting takes that for a failure).
 */
export async function ensureTopics(kafka: Kafka, limits: KafkaLimits, topics: readonly TopicSpec[]): Promise<void> {
  const deadline = performance.now() + limits.adminMs;
  for (;;) {
    try {
      return await withAdmin(kafka, limits, 'making topics', (admin) => makeTopics(admin, limits, topics));
    } catch (error) {
      const isLate = performance.now() + TOPIC_PAUSE_MS > deadline;
      if (isLate || isDefinite(error)) throw error;
    }
    await systemClock.sleep(TOPIC_PAUSE_MS);
  }
}

async function makeTopics(admin: Admin, limits: KafkaLimits, topics: readonly TopicSpec[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  for (const spec of topics) {
    if (existing.has(spec.topic)) continue;
    // One call each: of several in one call, the driver reports one that exists already as a failure of all.
    await admin.createTopics({ topics: [configOf(spec)], timeout: limits.requestMs, waitForLeaders: false });
  }
  // Metadata names a leader before that broker leads: only one that answers for offsets takes messages without refusing a part of them.
  for (const { topic } of topics) await topicOffsets(admin, limits, topic);
}

function configOf({ topic, partitions, replicas = -1, config = {} }: TopicSpec): ITopicConfig {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  return { topic, numPartitions: partitions, replicationFactor: replicas, configEntries };
}

/** Where each partition begins and ends; waits for partitions that are choosing a leader, as long as the caller's deadline lets it. */
export async function topicOffsets(admin: Admin, limits: KafkaLimits, topic: string): Promise<PartitionOffsets[]> {
  const deadline = performance.now() + limits.adminMs;
  for (;;) {
    try {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }));
    } catch (error) {
      if (!isElecting(error) || performance.now() + TOPIC_PAUSE_MS > deadline) throw error;
    }
    await systemClock.sleep(TOPIC_PAUSE_MS);
  }
}

/** Messages of `topic` that `groupId` has not committed yet; a partition without a commit counts from its beginning. */
export async function consumerLag(kafka: Kafka, limits: KafkaLimits, groupId: string, topic: string): Promise<number> {
  return withAdmin(kafka, limits, 'asking for the lag', async (admin) => {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const byPartition = new Map(committed?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    let lag = 0n;
    for (const { partition, low, high } of await topicOffsets(admin, limits, topic)) {
      const at = byPartition.get(partition) ?? -1n;
      // -1 says that nothing was committed; below `low`, retention has taken what was not read.
      lag += high - (at < low ? low : at);
    }
    return Number(lag);
  });
}
