import type { BulkDoc, BulkFailure } from '@tradewind/elastic';
import type { Clock } from '@tradewind/time';

/**
 * Pause from the start of one bulk to the start of the next. Elasticsearch spends several times as much on a document in a bulk of five as
 * in one of a hundred; a tenth of the refresh interval makes the difference and nobody can see it.
 */
export const BULK_EVERY_MS = 50;

/** Writes all documents at once. @returns those that did not go in */
export type WriteBulk = (docs: readonly BulkDoc[]) => Promise<readonly BulkFailure[]>;

interface Waiting {
  readonly docs: readonly BulkDoc[];
  readonly settle: PromiseWithResolvers<readonly BulkFailure[]>;
}

/**
 * Joins the batches of many partitions into one bulk at a time: a ferry. It leaves with whoever stands on the quay, and while it is away the next ones
 * gather. A lone batch that finds the ferry at the quay doesn't wait. What waits is bounded by the consumers: one batch of each partition.
 */
export class JoinedWrites {
  readonly #write: WriteBulk;
  readonly #clock: Clock;
  #quay: Waiting[] = [];
  #sailing = false;

  constructor(write: WriteBulk, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
  }

  /** @returns those of `docs` that did not go in @throws what the whole bulk failed of; its other batches fail with it and all come again */
  write(docs: readonly BulkDoc[]): Promise<readonly BulkFailure[]> {
    const settle = Promise.withResolvers<readonly BulkFailure[]>();
    this.#quay.push({ docs, settle });
    if (!this.#sailing) void this.#sail();
    return settle.promise;
  }

  async #sail(): Promise<void> {
    this.#sailing = true;
    // The partitions of one fetch are handled in one turn of the event loop: they go together from the first bulk on.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#quay.length > 0) {
      const startedAt = this.#clock.elapsed();
      await this.#carry(this.#quay.splice(0));
      const rest = startedAt + BULK_EVERY_MS - this.#clock.elapsed();
      if (rest > 0) await this.#clock.sleep(rest);
    }
    this.#sailing = false;
  }

  async #carry(joined: readonly Waiting[]): Promise<void> {
    try {
      const failed = await this.#write(joined.flatMap(({ docs }) => docs));
      for (const { docs, settle } of joined) {
        const own = failed.length === 0 ? undefined : new Set(docs.map(({ id }) => id));
        settle.resolve(failed.filter(({ id }) => own?.has(id)));
      }
    } catch (error) {
      for (const { settle } of joined) settle.reject(error);
    }
  }
}
