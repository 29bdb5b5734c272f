import type { BulkDoc, BulkFailure, Elastic, IndexDefinition } from '@tradewind/elastic';
import type { Metrics } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { JoinedWrites } from './joined-writes.ts';

/** What is indexed is found this much later at most; the design's target for the whole way from the database is 2 s. */
const REFRESH_MS = 500;

export interface SearchIndexOptions {
  /** In metrics. */
  readonly name: string;
  readonly alias: string;
  readonly fields: IndexDefinition['properties'];
  /** How a new index is spread. */
  readonly spread: { readonly shards: number; readonly replicas: number };
}

export interface SearchIndexContext {
  readonly elastic: Elastic;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** One index behind its alias: made when it is first written to, or in the background, whichever comes first. */
export class SearchIndex {
  readonly name: string;
  readonly alias: string;
  readonly #context: SearchIndexContext;
  readonly #definition: IndexDefinition;
  readonly #joined: JoinedWrites;
  #made: Promise<void> | undefined;

  constructor({ name, alias, fields, spread }: SearchIndexOptions, context: SearchIndexContext) {
    this.name = name;
    this.alias = alias;
    this.#context = context;
    this.#joined = new JoinedWrites((docs) => this.#bulk(docs), context.clock);
    this.#definition = {
      settings: {
        number_of_shards: spread.shards,
        number_of_replicas: spread.replicas,
        refresh_interval: `${REFRESH_MS}ms`,
      },
      properties: fields,
    };
  }

  /** Makes the index unless this process knows that it is there. @throws OutcomeUnknown while Elasticsearch is away: repeat it */
  async ensure(): Promise<void> {
    this.#made ??= this.#context.elastic.ensureIndex(this.alias, this.#definition);
    try {
      await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  /**
   * Writes each document that is newer than the indexed one. May be repeated freely.
   * @returns those that did not go in
   * @throws OutcomeUnknown while Elasticsearch is away
   */
  write(docs: readonly BulkDoc[]): Promise<readonly BulkFailure[]> {
    return this.#joined.write(docs);
  }

  async #bulk(docs: readonly BulkDoc[]): Promise<readonly BulkFailure[]> {
    await this.ensure();
    const { elastic, metrics } = this.#context;
    const { indexed, stale, failed } = await elastic.bulkIndex(this.alias, docs);
    // Also by 0: a counter that is there from the start shows its first rise.
    metrics.count('tradewind_search_indexed_total', { index: this.name }, indexed);
    metrics.count('tradewind_search_stale_total', { index: this.name }, stale);
    // Somebody took the alias away: make it again before the next attempt, which the caller owes these documents.
    if (failed.some(isMissingAlias)) this.#made = undefined;
    return failed;
  }
}

/** The alias is missing, so nothing is wrong with the document. */
export function isMissingAlias({ status }: { readonly status: number }): boolean {
  return status === 404;
}
