import { ORDERS_TOPIC, PRODUCTS_TOPIC, TOPIC_PARTITIONS } from '@tradewind/contracts';
import { connectKafka, KAFKA_LIMITS } from '@tradewind/kafka';
import { silentLog } from '@tradewind/telemetry';
import { backoffMs, systemClock } from '@tradewind/time';
import { CommandFailure, sentenceOf } from '../failure.ts';

/** How long a broker may take to start; it takes connections a little before it can make topics. */
const BROKER_MS_MOST = 60_000;
const RETRY = { firstMs: 200, mostMs: 2_000 };

/** Events are kept for ever: an index can be rebuilt from them, and the auditor can count them. */
const KEPT = { 'retention.ms': '-1' };
/** A dead letter carries more headers than the message did. */
const DEAD = { ...KEPT, 'max.message.bytes': String(4 * 1024 * 1024) };

/** Each topic and the one for its dead letters. */
const TOPICS = [ORDERS_TOPIC, PRODUCTS_TOPIC].flatMap((topic) => [
  { topic, partitions: TOPIC_PARTITIONS, config: KEPT },
  { topic: `${topic}.dead`, partitions: 1, config: DEAD },
]);

/** Makes the topics that are missing. @throws CommandFailure when no broker answers in time */
export async function ensureTopics(brokers: readonly string[], mostMs = BROKER_MS_MOST): Promise<readonly string[]> {
  const limits = { adminMs: Math.min(KAFKA_LIMITS.adminMs, mostMs) };
  const kafka = connectKafka({ brokers, clientId: 'tradewind-ops', log: silentLog, limits });
  const deadline = systemClock.elapsed() + mostMs;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await kafka.ensureTopics(TOPICS);
        return TOPICS.map(({ topic }) => topic);
      } catch (error) {
        if (systemClock.elapsed() > deadline)
          throw new CommandFailure(`Kafka at ${brokers.join(', ')} makes no topics: ${sentenceOf(error)}`);
        await systemClock.sleep(backoffMs(attempt, RETRY));
      }
    }
  } finally {
    await kafka.close();
  }
}
