import { expect, test } from 'vitest';
import { etagOf, readIfMatch } from './etag.ts';

test('what ETag gave is what If-Match takes', () => {
  for (const version of [1, 7, 4_294_967_295]) expect(readIfMatch(etagOf(version))).toBe(version);
});

test('any version will do when there is no header or a star', () => {
  expect([readIfMatch(undefined), readIfMatch('*')]).toEqual([undefined, undefined]);
});

test('weak tags, lists and tags that were never ours are refused by the name of the header', () => {
  for (const wrong of ['3', 'W/"3"', '"3", "4"', '"03"', '"0"', '"-1"', '"3', '"abc"', '', '"99999999999"']) {
    expect(() => readIfMatch(wrong), wrong).toThrow('If-Match: must be one strong entity tag');
  }
});
