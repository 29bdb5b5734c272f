import { type SearchMark, searchMark } from '@tradewind/contracts';
import type { Cursors, CursorScope } from './cursors.ts';

/** No longer than the search service keeps a point in time open after it was last used. */
export const SEARCH_CURSOR_MS = 60_000;

/** One page of a list that the search service finds: its ids, and the cursor of the page behind it. */
export async function searchedPage(
  cursors: Cursors,
  scope: CursorScope,
  cursor: string | undefined,
  search: (mark: SearchMark | undefined) => Promise<{ ids: string[]; next: SearchMark | null }>,
): Promise<{ ids: string[]; nextCursor: string | null }> {
  const mark = cursor === undefined ? undefined : cursors.open(scope, cursor, searchMark);
  const { ids, next } = await search(mark);
  return { ids, nextCursor: next && cursors.seal(scope, next, SEARCH_CURSOR_MS) };
}
