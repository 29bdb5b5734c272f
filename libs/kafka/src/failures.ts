/** What a failed produce request is to be blamed on. */
export type Blame = 'message' | 'partition' | 'connection';

interface DriverError {
  readonly name?: string;
  readonly type?: string;
  readonly message?: string;
  readonly cause?: unknown;
}

/** Broker error codes that say: this message, never. */
const MESSAGE_ERRORS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'CORRUPT_MESSAGE',
]);
/** Without an answer of the broker nothing is known about a partition. */
const CONNECTION_ERRORS = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
]);

export function classify(error: unknown): Blame {
  const root = rootOf(error);
  if (root.type !== undefined && MESSAGE_ERRORS.has(root.type)) return 'message';
  // A partition without a leader is found as a broker that does not exist.
  const isPartition = root.type !== undefined || root.name === 'KafkaJSBrokerNotFound';
  return isPartition && !CONNECTION_ERRORS.has(root.name ?? '') ? 'partition' : 'connection';
}

/** The broker's errors that stay what they are however often the same is asked. */
const DEFINITE_ERRORS = new Set([
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

export function isDefinite(error: unknown): boolean {
  const { errors } = error as { errors?: readonly unknown[] };
  return [error, ...(errors ?? [])].some((each) => DEFINITE_ERRORS.has(rootOf(each).type ?? ''));
}

/** What a broker says of a partition whose leader is just being chosen, as that of a new topic; kafkajs asks once for offsets and gives up. */
const ELECTION_ERRORS = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'REPLICA_NOT_AVAILABLE']);

export function isElecting(error: unknown): boolean {
  return ELECTION_ERRORS.has(rootOf(error).type ?? '');
}

export function reasonOf(error: unknown): string {
  const { name, type, message } = rootOf(error);
  return `${type ?? name ?? 'Error'}: ${message ?? 'unknown'}`;
}

/** kafkajs wraps an error once for each retrier that it passed. */
function rootOf(error: unknown): DriverError {
  let current = error as DriverError;
  for (let depth = 0; depth < 10 && current.cause instanceof Error; depth++) current = current.cause as DriverError;
  return current;
}
