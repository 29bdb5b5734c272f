import type { BackoffLimits } from '@tradewind/time';

/** Every bound of the adapter. */
export interface KafkaLimits {
  readonly connectMs: number;
  readonly requestMs: number;
  /** How long kafkajs repeats one request by itself; beyond it this library takes over with a fresh client. */
  readonly driverRetriesMost: number;
  /** A whole `send`: past it the producer counts as dead, whatever it still does. */
  readonly sendMs: number;
  /** Administrative calls: making topics, asking for offsets. */
  readonly adminMs: number;
  readonly closeMs: number;
  /** Bytes of one produce request, below the broker's message.max.bytes (1,048,588), which limits a whole record batch. */
  readonly requestBytesMost: number;
  /** Bytes of one message with its key and headers. */
  readonly messageBytesMost: number;
  /** How long an idle fetch waits at the broker, and so how long a stop may take. Messages do not wait for it. */
  readonly fetchWaitMs: number;
  /** How long a consumer may be silent before its partitions go to others. */
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  /** Pauses between attempts of a handler that throws, and between attempts to reach a broker that is away. */
  readonly retry: BackoffLimits;
  /** `readTopic` gives up after this long without a message. */
  readonly stallMs: number;
}

export const KAFKA_LIMITS: KafkaLimits = {
  connectMs: 3_000,
  requestMs: 10_000,
  driverRetriesMost: 4,
  sendMs: 30_000,
  adminMs: 30_000,
  closeMs: 5_000,
  requestBytesMost: 900_000,
  messageBytesMost: 1_000_000,
  fetchWaitMs: 200,
  sessionMs: 15_000,
  heartbeatMs: 3_000,
  retry: { firstMs: 100, mostMs: 5_000 },
  stallMs: 30_000,
};
