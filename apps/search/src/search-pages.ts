import type { SearchMark } from '@tradewind/contracts';
import type { Elastic, Page, PageQuery } from '@tradewind/elastic';
import { Refusal } from '@tradewind/errors';
import type { Clock } from '@tradewind/time';

/** How long a cursor lives after the page that gave it. Each one open keeps old segments on the server. */
export const PIT_KEEP_SECONDS = 120;
/** A search that has no answer by then is refused: the client can repeat it, and staff shouldn't wait longer for a list. */
export const SEARCH_DEADLINE_MS = 3_000;

export type Query = NonNullable<PageQuery['query']>;
export type Sort = PageQuery['sort'];

export interface Search {
  readonly alias: string;
  /** Tried in turn until one finds something. */
  readonly queries: readonly [Query, ...Query[]];
  /** Must end with a unique key, or pages repeat and miss. */
  readonly sort: Sort;
  readonly limit: number;
  readonly mark?: SearchMark | undefined;
}

export interface Found {
  readonly ids: string[];
  readonly next: SearchMark | null;
}

/**
 * Reads a list page by page.
 *
 * Intuition: the first page takes a photograph of the index (a point in time), all later ones read the same photograph, each from where the
 * one before it ended. Whatever is indexed meanwhile, each document that was there comes exactly once.
 *
 * One hit more than the page holds is fetched: it says whether there is a next page. The photograph is thrown away with the last page, so
 * that page can't be read twice.
 */
export class SearchPages {
  readonly #elastic: Elastic;
  readonly #clock: Clock;

  /** @param elastic its `pitKeepSeconds` should be PIT_KEEP_SECONDS */
  constructor(elastic: Elastic, clock: Clock) {
    this.#elastic = elastic;
    this.#clock = clock;
  }

  /** @throws Refusal `cursor-invalid` when the mark has expired or never was; Refusal `unavailable` within SEARCH_DEADLINE_MS */
  async find(search: Search): Promise<Found> {
    const deadline = new AbortController();
    const late = this.#clock.sleep(SEARCH_DEADLINE_MS, deadline.signal).then(
      () => Promise.reject(new Refusal('unavailable', { detail: 'the search took too long', retryAfter: 1 })),
      () => new Promise<never>(() => {}),
    );
    try {
      return await Promise.race([this.#find(search), late]);
    } finally {
      deadline.abort();
    }
  }

  async #find(search: Search): Promise<Found> {
    const { mark, limit } = search;
    const first = mark?.pit ?? (await this.#open(search.alias));
    let page: Page<unknown>;
    try {
      page = await this.#firstThatFinds(search, first);
    } catch (error) {
      if (mark === undefined) void this.#elastic.closePit(first);
      throw mark === undefined ? error : asCursorInvalid(error);
    }
    const ids = page.hits.slice(0, limit).map((hit) => hit.id);
    const last = page.hits.length > limit ? page.hits[limit - 1] : undefined;
    if (last !== undefined) return { ids, next: { pit: page.pitId, after: last.sort as SearchMark['after'] } };
    void this.#elastic.closePit(page.pitId);
    return { ids, next: null };
  }

  async #open(alias: string): Promise<string> {
    try {
      return await this.#elastic.openPit(alias);
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      throw new Refusal('unavailable', { detail: 'the search index is not there yet', retryAfter: 1 });
    }
  }

  /**
   * A later page finds its query again by the same rule, without a word about it in the mark: the photograph doesn't change, so the query that
   * found nothing on the first page finds nothing now, and a mark is given only when more is to be found.
   */
  async #firstThatFinds({ queries, sort, limit, mark }: Search, pit: string): Promise<Page<unknown>> {
    const after = mark === undefined ? {} : { after: mark.after };
    let page: Page<unknown> = { pitId: pit, hits: [] };
    for (const query of queries) {
      page = await this.#elastic.searchPage({
        ...{ pitId: page.pitId, query, sort, source: false, ...after },
        size: limit + 1,
      });
      if (page.hits.length > 0) break;
    }
    return page;
  }
}

/** Our own queries are valid: what the server finds wrong with a later page (400, 404) is wrong with its mark. */
function asCursorInvalid(error: unknown): unknown {
  if (error instanceof Refusal && error.code !== 'cursor-invalid') return error;
  const status = statusOf(error);
  if (!(error instanceof Refusal) && status !== 400 && status !== 404) return error;
  return new Refusal('cursor-invalid', {
    detail: `the cursor has expired (it lives ${PIT_KEEP_SECONDS} s after its page) or is not of this list: start again from the first page`,
  });
}

/** The HTTP status that the driver's error carries. */
function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number } | undefined)?.statusCode;
}
