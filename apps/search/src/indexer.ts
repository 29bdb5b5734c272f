import type { BulkDoc, BulkFailure } from '@tradewind/elastic';
import { OutcomeUnknown } from '@tradewind/errors';
import type { ConsumedEvent, RefusedEvent } from '@tradewind/kafka';
import { newestPerAggregate } from '@tradewind/outbox';
import type { Metrics } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import type { z } from 'zod';
import { isMissingAlias, type SearchIndex } from './search-index.ts';

/** How the events of one topic become documents of one index. */
export interface IndexedTopic<E> {
  readonly topic: string;
  readonly groupId: string;
  readonly index: Pick<SearchIndex, 'name' | 'write'>;
  readonly schema: z.ZodType<E>;
  readonly document: (data: E) => BulkDoc;
}

/** Faults of one event that its reason names at most. */
const FAULTS_MOST = 5;

interface Readable {
  readonly event: ConsumedEvent;
  readonly aggregateId: string;
  readonly version: number;
  readonly doc: BulkDoc;
}

/**
 * Takes batches of events into an index.
 *
 * Each event carries its aggregate's whole state, so of one batch only the newest of each aggregate is written, and a repeat, a late-comer or another
 * consumer's write is judged by the index itself: it keeps the highest version. A batch is over when everything in it is in the index or refused with a reason;
 * until then it throws, and comes again.
 */
export class Indexer<E> {
  readonly #topic: IndexedTopic<E>;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #labels: { readonly index: string };

  constructor(topic: IndexedTopic<E>, metrics: Metrics, clock: Clock) {
    this.#topic = topic;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#labels = { index: topic.index.name };
  }

  /**
   * @returns the events that can never be indexed, each with its reason
   * @throws OutcomeUnknown while Elasticsearch is away or full
   */
  async takeIn(events: readonly ConsumedEvent[]): Promise<readonly RefusedEvent[]> {
    const { readable, refused } = this.#read(events);
    const newest = newestPerAggregate(readable);
    const unfit = newest.length === 0 ? [] : await this.#write(newest);
    this.#metrics.count('tradewind_search_dead_lettered_total', this.#labels, refused.length + unfit.length);
    return [...refused, ...unfit];
  }

  #read(events: readonly ConsumedEvent[]): { readonly readable: Readable[]; readonly refused: RefusedEvent[] } {
    const readable: Readable[] = [];
    const refused: RefusedEvent[] = [];
    for (const event of events) {
      const parsed = this.#topic.schema.safeParse(event.data);
      const doc = parsed.success ? this.#topic.document(parsed.data) : undefined;
      const reason = parsed.success ? misnamed(event, doc) : faults(parsed.error);
      if (doc !== undefined && reason === undefined)
        readable.push({ event, aggregateId: event.aggregateId, version: event.version, doc });
      else refused.push({ event, reason: reason ?? 'no document' });
    }
    return { readable, refused };
  }

  async #write(newest: readonly Readable[]): Promise<RefusedEvent[]> {
    try {
      const failed = await this.#topic.index.write(newest.map(({ doc }) => doc));
      const later = failed.filter((failure) => failure.retriable || isMissingAlias(failure));
      if (later[0] !== undefined) throw new OutcomeUnknown(`${later.length} documents: ${described(later[0])}`);
      return failed.flatMap((failure) => refusals(newest, failure));
    } finally {
      this.#showLag(newest);
    }
  }

  /** After a success the age of what was just indexed; during an outage the age of what waits, which grows with each attempt. */
  #showLag(newest: readonly Readable[]): void {
    const oldest = Math.min(...newest.map(({ event }) => event.time.getTime()));
    const seconds = Math.max(0, this.#clock.now() - oldest) / 1000;
    this.#metrics.gauge('tradewind_search_lag_seconds', seconds, this.#labels);
  }
}

/** The envelope names the aggregate and its version, and Kafka's order hangs on it: a payload that says otherwise is somebody's bug. */
function misnamed(event: ConsumedEvent, doc: BulkDoc | undefined): string | undefined {
  if (doc === undefined || (doc.id === event.aggregateId && doc.version === event.version)) return undefined;
  return `ce_id is ${event.id} but the payload is of ${doc.id}:${doc.version}`;
}

function faults(error: z.ZodError): string {
  const lines = error.issues
    .slice(0, FAULTS_MOST)
    .map(({ path, message }) => `${path.join('.') || 'payload'}: ${message}`);
  return `the payload breaks its contract: ${lines.join('; ')}`;
}

function refusals(newest: readonly Readable[], failure: BulkFailure): RefusedEvent[] {
  const found = newest.find(({ doc }) => doc.id === failure.id);
  return found === undefined ? [] : [{ event: found.event, reason: described(failure) }];
}

function described({ status, type, reason }: BulkFailure): string {
  return `the index answered ${status} ${type}: ${reason}`;
}
