import type { BulkDoc, BulkResult, Elastic, IndexDefinition } from '@tradewind/elastic';

/** What is indexed is found this much later at most; the design's target for the whole way from the database is 2 s. */
const REFRESH_MS = 500;

/** How an index is spread; from the configuration. */
export interface IndexSpread {
  readonly shards: number;
  readonly replicas: number;
}

/** One index behind its alias: made when it is first written to, or in the background, whichever comes first. */
export class SearchIndex {
  readonly alias: string;
  readonly #elastic: Elastic;
  readonly #definition: IndexDefinition;
  #made: Promise<void> | undefined;

  constructor(elastic: Elastic, alias: string, fields: IndexDefinition['properties'], spread: IndexSpread) {
    this.alias = alias;
    this.#elastic = elastic;
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
    this.#made ??= this.#elastic.ensureIndex(this.alias, this.#definition);
    try {
      await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  /** Writes each document that is newer than the indexed one. May be repeated freely. @throws OutcomeUnknown */
  async write(docs: readonly BulkDoc[]): Promise<BulkResult> {
    await this.ensure();
    const result = await this.#elastic.bulkIndex(this.alias, docs);
    // Somebody took the alias away: make it again before the next attempt, which the caller owes these documents.
    if (result.failed.some(isMissingAlias)) this.#made = undefined;
    return result;
  }
}

/** The alias is missing, so nothing is wrong with the document. */
export function isMissingAlias({ status }: { readonly status: number }): boolean {
  return status === 404;
}
