import { type Log, type Metrics, noMetrics, silentLog } from '@tradewind/telemetry';
import { describe, expect, it } from 'vitest';
import { eventId, type OutboxEvent } from './event.ts';
import type { RelayLimits } from './limits.ts';
import { ModelClock, modelStore, ModelTable } from './model.testing.ts';
import type { OutboxStore, SendResult } from './ports.ts';
import { Relay } from './relay.ts';

const eventOf = (aggregateId: string, version: number): OutboxEvent => ({
  slot: 1,
  aggregateId,
  version,
  type: 't',
  payload: '{}',
  traceparent: null,
  createdAt: new Date(0),
});

interface Setup {
  readonly limits?: Partial<RelayLimits>;
  /** Throws when rows can't be deleted. */
  readonly onRead?: () => void;
  readonly judgeRemoval?: () => void;
  /** Judges each event; sent when it says nothing. */
  readonly judge?: (event: OutboxEvent) => SendResult | undefined;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

function world({
  limits = {},
  judgeRemoval = () => {},
  onRead = () => {},
  judge = () => undefined,
  log = silentLog,
  metrics = noMetrics,
}: Setup = {}) {
  const clock = new ModelClock();
  const table = new ModelTable(clock);
  const duty = {
    held: true,
    token: 1,
    heldOnAsking: [] as boolean[],
    isHeld: () => duty.heldOnAsking.shift() ?? duty.held,
  };
  const [calls, sends, tried]: [string[], string[][], string[]] = [[], [], []];
  const model = modelStore(table);
  const store: OutboxStore = {
    ...model,
    read: (...args) => {
      calls.push('read');
      onRead();
      return model.read(...args);
    },
    readAggregates: (...args) => (calls.push('ask'), model.readAggregates(...args)),
    remove: async (events) => {
      judgeRemoval();
      await model.remove(events);
    },
  };
  const sender = {
    send: async (events: readonly OutboxEvent[]) => {
      await clock.sleep(1);
      const results = events.map((event): SendResult => judge(event) ?? { outcome: 'sent' });
      tried.push(...events.map(eventId));
      sends.push(events.filter((_, index) => results[index]?.outcome === 'sent').map(eventId));
      return results;
    },
  };
  const relay = new Relay({
    shard: 's1',
    store,
    sender,
    duty,
    log,
    metrics,
    clock,
    random: () => 0.999,
    limits,
  });
  const commit = (...events: OutboxEvent[]): OutboxEvent[] => {
    for (const event of events) table.commit(event);
    return events;
  };
  return { clock, table, duty, calls, tried, sent: () => sends.flat(), sends, relay, commit };
}

describe('with the duty', () => {
  it('drains the table first, then sends what is handed over without asking the table', async () => {
    const { clock, table, relay, calls, sent, commit } = world();
    commit(eventOf('1', 1), eventOf('2', 1), eventOf('2', 2));
    relay.start();
    await clock.advance(10);
    expect(sent()).toEqual(['1:1', '2:1', '2:2']);
    const reads = calls.length;
    relay.handOver(commit(eventOf('1', 2), eventOf('3', 1)));
    await clock.advance(10);
    expect(sent().slice(3)).toEqual(['1:2', '3:1']);
    expect(calls.length).toBe(reads);
    expect(table.rows.size).toBe(0);
  });

  it('asks the table about an aggregate whose earlier versions it has not sent, and sends those first', async () => {
    const { clock, relay, sent, calls, commit } = world();
    relay.start();
    await clock.advance(10);
    commit(eventOf('7', 1), eventOf('7', 2));
    relay.handOver(commit(eventOf('7', 3)));
    await clock.advance(10);
    expect(sent()).toEqual(['7:1', '7:2', '7:3']);
    expect(calls.filter((call) => call === 'ask')).toHaveLength(1);
  });

  it('finds what nobody handed over within one sweep', async () => {
    const { clock, relay, sent, commit } = world();
    relay.start();
    await clock.advance(10);
    commit(eventOf('1', 1));
    await clock.advance(500);
    expect(sent()).toEqual(['1:1']);
  });

  it('drops what memory has no room for, and finds it in the table at once', async () => {
    const { clock, relay, sent, commit } = world({ limits: { handedOverMost: 3 } });
    relay.start();
    await clock.advance(10);
    relay.handOver(commit(...Array.from({ length: 20 }, (_, index) => eventOf(String(index + 1), 1))));
    await clock.advance(20);
    expect(new Set(sent()).size).toBe(20);
    expect(sent()).toHaveLength(20);
  });

  it('reads a backlog page by page, keys that wait in front of it or not', async () => {
    const judge = ({ aggregateId }: OutboxEvent): SendResult | undefined =>
      Number(aggregateId) <= 30 ? { outcome: 'failed-retry', reason: 'away' } : undefined;
    const { clock, relay, sent, commit } = world({ judge, limits: { batchMost: 10, blockedMost: 50 } });
    commit(...Array.from({ length: 200 }, (_, index) => eventOf(String(index + 1), 1)));
    relay.start();
    await clock.advance(1_000);
    expect(sent()).toHaveLength(170);
  });
});

describe('without the duty', () => {
  it('sends nothing, not even what it holds already when the duty goes', async () => {
    const { clock, relay, duty, sent, commit } = world();
    relay.start();
    await clock.advance(10);
    relay.handOver(commit(eventOf('1', 1)));
    duty.held = false;
    await clock.advance(2_000);
    expect(sent()).toEqual([]);
    duty.held = true;
    await clock.advance(200);
    expect(sent()).toEqual(['1:1']);
  });

  it('does not trust its memory of a former term', async () => {
    const { clock, table, relay, duty, sent, calls, commit } = world();
    relay.start();
    relay.handOver(commit(eventOf('1', 1)));
    await clock.advance(10);
    duty.token = 2;
    // Another process sent version 2 meanwhile; version 3 waits for its hand-over.
    const asked = calls.length;
    await clock.advance(1_000);
    relay.handOver(commit(eventOf('1', 2)));
    await clock.advance(10);
    expect(calls.slice(asked)).toContain('ask');
    expect(sent()).toEqual(['1:1', '1:2']);
    expect(table.rows.size).toBe(0);
  });
});

describe('a duty that goes between reading and sending', () => {
  it('sends nothing, and leaves nothing behind when it comes back at once', async () => {
    let reads = 0;
    const { clock, relay, duty, sent, commit } = world({
      limits: { batchMost: 1 },
      onRead: () => {
        reads += 1;
        duty.heldOnAsking = reads === 1 ? [false] : [];
      },
    });
    commit(eventOf('1', 1), eventOf('1', 2), eventOf('2', 1));
    relay.start();
    await clock.advance(2_000);
    expect(sent()).toEqual(['1:1', '1:2', '2:1']);
  });

  it('does not send under a token that is no longer its own: what it read belongs to a former term', async () => {
    let reads = 0;
    const { clock, relay, duty, tried, calls, commit } = world({
      onRead: () => {
        reads += 1;
        if (reads === 1) duty.token += 1;
      },
    });
    commit(eventOf('1', 1));
    relay.start();
    await clock.advance(0);
    expect([tried, calls]).toEqual([[], ['read', 'read']]);
    await clock.advance(10);
    expect(tried).toEqual(['1:1']);
  });
});

describe('a key that fails', () => {
  it('waits by itself, longer each time, and holds up no other key', async () => {
    let isAway = true;
    const judge = ({ aggregateId }: OutboxEvent): SendResult | undefined =>
      isAway && aggregateId === '1' ? { outcome: 'failed-retry', reason: 'no leader' } : undefined;
    const { clock, relay, sent, tried, commit } = world({ judge });
    relay.start();
    relay.handOver(commit(eventOf('1', 1), eventOf('2', 1)));
    await clock.advance(10);
    relay.handOver(commit(eventOf('1', 2), eventOf('2', 2)));
    await clock.advance(5_000);
    expect(sent()).toEqual(['2:1', '2:2']);
    expect(tried.filter((id) => id === '1:1').length).toBeGreaterThan(4);
    expect(tried.filter((id) => id === '1:1').length).toBeLessThan(12);
    isAway = false;
    await clock.advance(5_000);
    expect(sent().filter((id) => id.startsWith('1:'))).toEqual(['1:1', '1:2']);
  });

  it('of too many at once lets only retries through: a broker that is away is not flooded', async () => {
    let isAway = true;
    const judge = (): SendResult | undefined =>
      isAway ? { outcome: 'failed-retry', reason: 'broker away' } : undefined;
    const { clock, relay, tried, sent, commit } = world({ judge, limits: { batchMost: 10, blockedMost: 30 } });
    commit(...Array.from({ length: 500 }, (_, index) => eventOf(String(index + 1), 1)));
    relay.start();
    await clock.advance(10_000);
    expect(new Set(tried).size).toBeLessThanOrEqual(30);
    isAway = false;
    await clock.advance(6_000);
    expect(new Set(sent()).size).toBe(500);
  });
});

describe('a key that waits', () => {
  it('is not tried earlier because more of it is handed over', async () => {
    const judge = (): SendResult => ({ outcome: 'failed-retry', reason: 'away' });
    const { clock, relay, tried, commit } = world({ judge, limits: { retry: { firstMs: 10_000, mostMs: 10_000 } } });
    relay.start();
    relay.handOver(commit(eventOf('1', 1)));
    await clock.advance(10);
    for (let version = 2; version < 10; version++) {
      relay.handOver(commit(eventOf('1', version)));
      await clock.advance(100);
    }
    expect(tried).toEqual(['1:1']);
  });
});

describe('a poisoned event', () => {
  it('is parked with its reason and an alarm; later versions go on, and it can be replayed', async () => {
    const alarms: object[] = [];
    const counts = new Map<string, number>();
    const metrics = {
      ...noMetrics,
      count: (name: string, _: unknown, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    };
    let isPoison = true;
    const judge = (event: OutboxEvent): SendResult | undefined =>
      isPoison && eventId(event) === '1:2' ? { outcome: 'poisoned', reason: 'too large' } : undefined;
    const log = { ...silentLog, error: (fields: object) => void alarms.push(fields) };
    const { clock, table, relay, sent, commit } = world({ judge, log, metrics });
    relay.start();
    relay.handOver(commit(eventOf('1', 1), eventOf('1', 2), eventOf('1', 3)));
    await clock.advance(50);
    relay.handOver(commit(eventOf('1', 4)));
    await clock.advance(50);
    expect(sent()).toEqual(['1:1', '1:3', '1:4']);
    expect([...table.parked.values()].map(({ reason }) => reason)).toEqual(['too large']);
    expect(alarms).toMatchObject([{ event: '1:2', reason: 'too large', shard: 's1' }]);
    expect(counts.get('tradewind_outbox_parked_total')).toBe(1);
    isPoison = false;
    table.replayAll();
    await clock.advance(600);
    expect(sent()).toEqual(['1:1', '1:3', '1:4', '1:2']);
    expect(table.rows.size).toBe(0);
  });
});

describe('a database that fails', () => {
  it('to delete for a while: sweeps see the rows and know that they were acknowledged', async () => {
    let isAway = true;
    const judgeRemoval = (): void => {
      if (isAway) throw new Error('database away');
    };
    const { clock, table, relay, sent, calls, commit } = world({ judgeRemoval });
    commit(eventOf('1', 1), eventOf('2', 1));
    relay.start();
    await clock.advance(3_000);
    expect(calls.length).toBeGreaterThan(5);
    isAway = false;
    await clock.advance(6_000);
    expect(sent()).toEqual(['1:1', '2:1']);
    expect(table.rows.size).toBe(0);
  });

  it('at deleting makes no repeats, and stops the sending when too many wait for it', async () => {
    let isAway = true;
    const judgeRemoval = (): void => {
      if (isAway) throw new Error('database away');
    };
    const { clock, table, relay, sent, commit } = world({ judgeRemoval, limits: { removalsMost: 20, batchMost: 10 } });
    commit(...Array.from({ length: 100 }, (_, index) => eventOf(String(index + 1), 1)));
    relay.start();
    await clock.advance(10_000);
    expect(sent()).toHaveLength(20);
    isAway = false;
    await clock.advance(10_000);
    expect(sent()).toHaveLength(100);
    expect(new Set(sent()).size).toBe(100);
    expect(table.rows.size).toBe(0);
  });
});

describe('stopping', () => {
  it('sends and deletes what was handed over', async () => {
    const { clock, table, relay, sent, commit } = world();
    relay.start();
    await clock.advance(10);
    relay.handOver(commit(...Array.from({ length: 1_200 }, (_, index) => eventOf(String(index + 1), 1))));
    const stopped = relay.stop();
    await clock.advance(100);
    await stopped;
    expect(sent()).toHaveLength(1_200);
    expect(table.rows.size).toBe(0);
    relay.handOver(commit(eventOf('5000', 1)));
    await clock.advance(5_000);
    expect(sent()).toHaveLength(1_200);
  });

  it('ends at its limit when the broker is away; the rows stay', async () => {
    const judge = (): SendResult => ({ outcome: 'failed-retry', reason: 'away' });
    const { clock, table, relay, commit } = world({ judge, limits: { drainMs: 1_000 } });
    relay.start();
    relay.handOver(commit(eventOf('1', 1)));
    await clock.advance(10);
    let isStopped = false;
    void relay.stop().then(() => (isStopped = true));
    await clock.advance(1_100);
    expect(isStopped).toBe(true);
    expect(table.rows.size).toBe(1);
  });
});
