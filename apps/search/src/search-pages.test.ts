import type { Elastic } from '@tradewind/elastic';
import { systemClock } from '@tradewind/time';
import { expect, it } from 'vitest';
import { SEARCH_DEADLINE_MS, SearchPages } from './search-pages.ts';

it('is unavailable when a server that took the call says nothing until the deadline', async () => {
  const silent = { openPit: () => new Promise(() => {}) } as unknown as Elastic;
  const slept: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) };
  const found = new SearchPages(silent, clock).find({ alias: 'x', queries: [{ match_all: {} }], sort: [], limit: 1 });
  await expect(found).rejects.toMatchObject({ code: 'unavailable' });
  expect(slept).toEqual([SEARCH_DEADLINE_MS]);
});
