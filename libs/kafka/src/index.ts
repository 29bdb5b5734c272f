export type { TopicSpec } from './admin.ts';
export { type ConsumedEvent, decodeEvent, encodeEvent, isMalformed, type Malformed } from './cloud-event.ts';
export type { ConsumeOptions, RefusedEvent } from './consume.ts';
export { connectKafka, type KafkaConnection, type KafkaOptions } from './kafka.ts';
export { KAFKA_LIMITS, type KafkaLimits } from './limits.ts';
export type { TopicRead } from './read-topic.ts';
export type { KafkaSender, SenderOptions } from './sender.ts';
