import type { OutboxEvent } from '@tradewind/outbox';
import { silentLog } from '@tradewind/telemetry';
import type { Kafka, Message, Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { KAFKA_LIMITS } from './limits.ts';
import { TopicSender } from './sender.ts';

const PARTITIONS = 4;
const eventOf = (aggregateId: string, version: number): OutboxEvent => ({
  slot: 0,
  aggregateId,
  version,
  type: 't',
  payload: '{}',
  traceparent: null,
  createdAt: new Date(0),
});
const protocolError = (type: string): Error => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

/** A driver whose requests fail as `judge` says, partition by partition: what a real cluster does, without one. */
function fakeDriver(judge: (keys: string[], producer: number) => Error | 'hang' | undefined) {
  const log: string[] = [];
  let producers = 0;
  const kafka = {
    producer: ({ createPartitioner }: { createPartitioner: typeof Partitioners.DefaultPartitioner }) => {
      const me = ++producers;
      const partitioner = createPartitioner();
      let closed = false;
      return {
        connect: () => Promise.resolve(),
        disconnect: () => Promise.resolve(void (closed = true)),
        send: ({ messages }: { messages: Message[] }) => {
          if (closed) return Promise.reject(new Error('The producer is disconnected'));
          const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
            partitionId,
            leader: 1,
          }));
          for (const message of messages)
            partitioner({ topic: 't', partitionMetadata: partitionMetadata as never, message });
          const verdict = judge(
            messages.map(({ key }) => String(key)),
            me,
          );
          if (verdict === 'hang') return new Promise(() => {});
          if (verdict !== undefined) return Promise.reject(verdict);
          log.push(...messages.map(({ headers }) => String(headers?.['ce_id'])));
          return Promise.resolve();
        },
      };
    },
  } as unknown as Kafka;
  const limits = { ...KAFKA_LIMITS, sendMs: 50 };
  return {
    sender: new TopicSender(kafka, limits, silentLog, { topic: 't', source: '/test' }),
    log,
    producers: () => producers,
  };
}

describe('a sender whose driver fails', () => {
  it.each(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'])(
    'makes a new producer after %s',
    async (type) => {
      const { sender, log, producers } = fakeDriver((_, producer) =>
        producer === 1 ? protocolError(type) : undefined,
      );
      expect(await sender.send([eventOf('1', 1)])).toMatchObject([{ outcome: 'failed-retry' }]);
      expect(await sender.send([eventOf('1', 1)])).toEqual([{ outcome: 'sent' }]);
      expect([log, producers()]).toEqual([['1:1'], 2]);
    },
  );

  it('gives up on a send that never ends, and on its producer', async () => {
    const { sender, producers } = fakeDriver((_, producer) => (producer === 1 ? 'hang' : undefined));
    expect(await sender.send([eventOf('1', 1)])).toMatchObject([
      { outcome: 'failed-retry', reason: expect.stringContaining('50 ms') },
    ]);
    expect(await sender.send([eventOf('1', 1)])).toEqual([{ outcome: 'sent' }]);
    expect(producers()).toBe(2);
  });

  it('holds back only the keys of a partition that has no leader', async () => {
    const { sender, log } = fakeDriver((keys) =>
      keys.includes('3') ? protocolError('LEADER_NOT_AVAILABLE') : undefined,
    );
    const events = Array.from({ length: 40 }, (_, key) => eventOf(String(key), 1));
    const results = await sender.send(events);
    const failed = events.filter((_, index) => results[index]?.outcome === 'failed-retry');
    expect(failed.map(({ aggregateId }) => aggregateId)).toContain('3');
    expect(failed.length).toBeLessThan(20);
    expect(log).toHaveLength(40 - failed.length);
  });

  it('sends nothing of a key after an event of it that failed, though a later request would have gone through', async () => {
    let requests = 0;
    const driver = fakeDriver(() => (++requests === 1 ? new Error('connection lost') : undefined));
    const large = JSON.stringify('x'.repeat(600_000));
    const events = [eventOf('1', 1), eventOf('1', 2), eventOf('2', 1)].map((event) => ({ ...event, payload: large }));
    const outcomes = (await driver.sender.send(events)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['failed-retry', 'failed-retry', 'sent']);
    expect(driver.log).toEqual(['2:1']);
  });

  it('finds the one poisoned message of a batch', async () => {
    const { sender, log } = fakeDriver((keys) => (keys.includes('7') ? protocolError('INVALID_RECORD') : undefined));
    const events = Array.from({ length: 30 }, (_, key) => eventOf(String(key), 1));
    const results = await sender.send(events);
    const poisoned = events.filter((_, index) => results[index]?.outcome === 'poisoned');
    expect(poisoned.map(({ aggregateId }) => aggregateId)).toEqual(['7']);
    expect(new Set(log).size).toBe(29);
  });
});
