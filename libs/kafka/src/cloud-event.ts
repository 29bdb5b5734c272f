import { eventId, type OutboxEvent } from '@tradewind/outbox';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';

/** An event as a consumer sees it. */
export interface ConsumedEvent {
  /** The Kafka key: the aggregate's id. */
  readonly key: string;
  readonly type: string;
  /** `aggregateId:version`; the same for every copy. */
  readonly id: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly time: Date;
  readonly traceparent: string | undefined;
  /** JSON text, known to parse. */
  readonly payload: string;
  /** `payload`, parsed; check it against the event's contract before use. */
  readonly data: unknown;
  readonly partition: number;
  readonly offset: string;
}

/** A message that is no event of ours, and why. */
export interface Malformed {
  readonly reason: string;
}

const EVENT_ID = /^(\d{1,20}):([1-9]\d{0,9})$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** CloudEvents 1.0, Kafka protocol binding 1.0.1, binary mode: attributes in `ce_` headers, the payload alone as the value. */
export function encodeEvent(event: OutboxEvent, source: string): Message {
  const headers: IHeaders = {
    ce_specversion: '1.0',
    ce_id: eventId(event),
    ce_source: source,
    ce_type: event.type,
    ce_time: event.createdAt.toISOString(),
    ce_subject: event.aggregateId,
    'content-type': 'application/json',
    ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
  };
  return { key: event.aggregateId, value: event.payload, headers };
}

/** What a message takes of a record batch, rounded up: key, value, headers and 5 bytes for each length in front of them. */
export function messageBytes(message: Message): number {
  let bytes = 64 + Buffer.byteLength(message.key ?? '') + Buffer.byteLength(message.value ?? '');
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(String(value));
  }
  return bytes;
}

/** Judges a message completely, so that no handler ever meets one that it can't read. */
export function decodeEvent(message: KafkaMessage, partition: number): ConsumedEvent | Malformed {
  const header = (name: string): string | undefined => textOf(message.headers?.[name]);
  const [key, payload, id, type, time] = [
    textOf(message.key),
    textOf(message.value),
    header('ce_id'),
    header('ce_type'),
    header('ce_time'),
  ];
  if (header('ce_specversion') !== '1.0') return { reason: 'ce_specversion is not 1.0' };
  const [, aggregateId, version] = EVENT_ID.exec(id ?? '') ?? [];
  if (id === undefined || aggregateId === undefined) return { reason: 'ce_id is not <aggregate id>:<version>' };
  if (key !== aggregateId) return { reason: 'the key is not the aggregate id of ce_id' };
  if (!type) return { reason: 'ce_type is missing' };
  const at = new Date(time ?? '');
  if (Number.isNaN(at.getTime())) return { reason: 'ce_time is not a time' };
  if (payload === undefined) return { reason: 'the value is not UTF-8 text' };
  const data = parse(payload);
  if (data === undefined) return { reason: 'the value is not JSON' };
  const { offset } = message;
  const traceparent = header('traceparent');
  return {
    key,
    type,
    id,
    aggregateId,
    version: Number(version),
    time: at,
    traceparent,
    payload,
    data,
    partition,
    offset,
  };
}

export function isMalformed(message: ConsumedEvent | Malformed): message is Malformed {
  return 'reason' in message;
}

/** @returns undefined for what is absent, repeated, or no UTF-8. */
function textOf(value: Buffer | string | (Buffer | string)[] | null | undefined): string | undefined {
  if (value === null || value === undefined || Array.isArray(value)) return undefined;
  if (typeof value === 'string') return value;
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
