import { expect, test } from 'vitest';
import { VersionNotes } from './event-source.ts';

test('keeps the order of first comings for more aggregates than a page, and pages through all of them', () => {
  const notes = new VersionNotes();
  const ids = Array.from({ length: 25_000 }, (_, index) => String(9_000_000_000_000_000_000n + BigInt(index)));
  for (const version of [1, 11, 2, 1, 11]) for (const id of ids) notes.add(id, version);
  expect([...notes.orderIds()].flat()).toEqual(ids);
  expect(notes.of([ids[24_999]!, '1'])).toEqual(new Map([[ids[24_999], [1, 11, 2]]]));
  notes.close();
});
