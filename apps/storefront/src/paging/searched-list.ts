import { type SearchMark, searchMark } from '@tradewind/contracts';
import type { Cursors, CursorScope } from './cursors.ts';

/** The search service keeps a point in time for 120 s after its page; a cursor ends a little sooner, so that it never leads to one that is gone. */
export const SEARCH_CURSOR_MS = 115_000;

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
