import type { Client, estypes } from '@elastic/elasticsearch';
import { InvariantBroken, Refusal } from '@tradewind/errors';
import { causeOf, statusOf, translateRead } from './failures.ts';
import type { ElasticLimits } from './limits.ts';

export type SortValue = string | number | boolean | null;

export interface PageQuery {
  /** From `openPit`, or the one that the last page gave back. */
  readonly pitId: string;
  readonly query?: estypes.QueryDslQueryContainer;
  /** End it with a unique field (the id, a keyword), so that pages neither repeat nor miss a document. */
  readonly sort: estypes.SortCombinations[];
  readonly size: number;
  /** The `sort` of the last hit of the page before. */
  readonly after?: readonly SortValue[];
  /** Which fields of the document to fetch; false for ids and sort keys only. */
  readonly source?: boolean | readonly string[];
}

export interface Hit<T> {
  readonly id: string;
  readonly version: number;
  readonly sort: readonly SortValue[];
  /** Undefined when the query asked for none. */
  readonly source: T | undefined;
}

export interface Page<T> {
  readonly pitId: string;
  readonly hits: readonly Hit<T>[];
}

export interface ScanOptions {
  readonly query?: estypes.QueryDslQueryContainer;
  readonly source?: boolean | readonly string[];
  readonly pageSize?: number;
}

interface Context {
  readonly client: Client;
  readonly limits: ElasticLimits;
}

/** Documents a page of a scan: the memory that a scan takes. */
const SCAN_PAGE_SIZE = 1_000;
/** The server stops a search this much before the client gives up on it, so that the client hears why. */
const ANSWER_MS = 500;

/** A view of the index that stands still while pages are read. It lives for `pitKeepSeconds` after the last page; close it when done. */
export async function openPit({ client, limits }: Context, alias: string): Promise<string> {
  try {
    // Not repeated: each call opens one more, and the lost ones hold segments until they expire.
    const { id } = await client.openPointInTime(
      { index: alias, keep_alive: `${limits.pitKeepSeconds}s` },
      { requestTimeout: limits.searchMs },
    );
    return id;
  } catch (error) {
    throw translateRead(error);
  }
}

/** Never throws: a point in time that is not closed expires. */
export async function closePit({ client, limits }: Context, pitId: string): Promise<void> {
  await client.closePointInTime({ id: pitId }, { requestTimeout: limits.searchMs }).catch(() => {});
}

/**
 * One page of a point in time, by `search_after`: page 5,000 costs what page 1 costs. Totals are not counted.
 * @throws Refusal `cursor-invalid` when the point in time has expired; Refusal `unavailable` when a shard or the server did not answer
 */
export async function searchPage<T>({ client, limits }: Context, page: PageQuery): Promise<Page<T>> {
  const request: estypes.SearchRequest = {
    pit: { id: page.pitId, keep_alive: `${limits.pitKeepSeconds}s` },
    query: page.query ?? { match_all: {} },
    sort: page.sort,
    size: page.size,
    track_total_hits: false,
    version: true,
    // Half an answer that looks like a whole one is worse than none.
    allow_partial_search_results: false,
    timeout: `${Math.max(1, limits.searchMs - ANSWER_MS)}ms`,
    _source: sourceOf(page.source),
    ...(page.after === undefined ? {} : { search_after: [...page.after] }),
  };
  const response = await client
    .search<T>(request, { requestTimeout: limits.searchMs, maxRetries: limits.retriesMost })
    .catch((error: unknown) => {
      throw translateSearch(error);
    });
  if (response.timed_out) throw new Refusal('deadline', { detail: 'the search took too long' });
  return { pitId: response.pit_id ?? page.pitId, hits: response.hits.hits.map(hitOf) };
}

/**
 * Every document behind `alias`, in the order of `sortField` (a unique keyword), over one point in time; one page is in memory at a time. Leaving the loop
 * early closes the point in time too.
 */
export async function* scanAll<T>(
  context: Context,
  alias: string,
  sortField: string,
  { query, source = true, pageSize = SCAN_PAGE_SIZE }: ScanOptions = {},
): AsyncGenerator<Hit<T>, void, undefined> {
  let pitId = await openPit(context, alias);
  let after: readonly SortValue[] | undefined;
  try {
    for (;;) {
      const page: Page<T> = await searchPage<T>(context, {
        pitId,
        sort: [{ [sortField]: 'asc' }],
        size: pageSize,
        source,
        ...(query === undefined ? {} : { query }),
        ...(after === undefined ? {} : { after }),
      });
      pitId = page.pitId;
      yield* page.hits;
      after = page.hits.at(-1)?.sort;
      if (page.hits.length < pageSize) return;
    }
  } finally {
    await closePit(context, pitId);
  }
}

function sourceOf(source: PageQuery['source']): boolean | string[] {
  return typeof source === 'boolean' ? source : source === undefined ? true : [...source];
}

function translateSearch(error: unknown): unknown {
  if (causeOf(error) === 'search_context_missing_exception')
    return new Refusal('cursor-invalid', { detail: 'the cursor has expired' });
  // A shard that did not answer makes the whole search fail with 503, or with 500 when it broke half way.
  if (statusOf(error) === 500)
    return new Refusal('unavailable', { detail: 'a part of the index did not answer', retryAfter: 1 });
  return translateRead(error);
}

function hitOf<T>(hit: estypes.SearchHit<T>): Hit<T> {
  const sort = (hit.sort ?? []) as readonly SortValue[];
  if (sort.some((value) => typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new InvariantBroken(`a sort key of ${hit._index} was rounded by JSON: map 63-bit numbers as keyword`);
  }
  return { id: hit._id ?? '', version: hit._version ?? 0, sort, source: hit._source };
}
