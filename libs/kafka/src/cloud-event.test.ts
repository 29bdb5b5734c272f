import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent, isMalformed, messageBytes } from './cloud-event.ts';

const event = fc.record({
  slot: fc.nat(1023),
  aggregateId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  version: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  type: fc.stringMatching(/^[a-z.]{1,64}$/),
  payload: fc.json(),
  traceparent: fc.constantFrom(null, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
  createdAt: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
});

/** What comes off the wire: every header, key and value as bytes. */
function received({ key, value, headers }: ReturnType<typeof encodeEvent>): KafkaMessage {
  const bytes = Object.entries(headers ?? {}).map(([name, text]) => [name, Buffer.from(String(text))]);
  return {
    key: Buffer.from(String(key)),
    value: Buffer.from(String(value)),
    headers: Object.fromEntries(bytes),
    offset: '9',
  } as KafkaMessage;
}

describe('an event on the wire', () => {
  it('comes back as it was, whatever is in it', () => {
    fc.assert(
      fc.property(event, (sent) => {
        const seen = decodeEvent(received(encodeEvent(sent, '/test')), 2);
        if (isMalformed(seen)) throw new Error(seen.reason);
        expect(seen).toMatchObject({
          aggregateId: sent.aggregateId,
          key: sent.aggregateId,
          version: sent.version,
          type: sent.type,
        });
        expect(seen).toMatchObject({
          payload: sent.payload,
          time: sent.createdAt,
          traceparent: sent.traceparent ?? undefined,
        });
        expect(seen.id).toBe(`${sent.aggregateId}:${sent.version}`);
      }),
    );
  });

  it('is judged, never thrown over, whatever bytes arrive', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)));
    const names = fc.constantFrom('ce_id', 'ce_type', 'ce_time', 'ce_specversion', 'traceparent');
    const headers = fc.dictionary(names, fc.oneof(bytes, fc.constant([Buffer.from('a'), Buffer.from('b')])));
    fc.assert(
      fc.property(bytes, bytes, headers, (key, value, given) => {
        const message = { key, value, headers: given, offset: '0' } as unknown as KafkaMessage;
        expect(isMalformed(decodeEvent(message, 0))).toBe(true);
      }),
    );
  });

  it('is never larger than it was reckoned to be', () => {
    fc.assert(
      fc.property(event, (sent) => {
        const message = encodeEvent(sent, '/test');
        const { key, value, headers } = received(message);
        const exact = [key, value, ...Object.entries(headers ?? {}).flat()].reduce(
          (sum, part) => sum + Buffer.byteLength(String(part)),
          0,
        );
        expect(messageBytes(message)).toBeGreaterThanOrEqual(exact + 21);
      }),
    );
  });
});
