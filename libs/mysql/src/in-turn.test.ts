import { expect, test } from 'vitest';
import { inTurn } from './in-turn.ts';

test('a long list leaves room for the others, and each keeps its order', () => {
  expect(inTurn([['a1', 'a2', 'a3', 'a4'], ['b1'], [], ['c1', 'c2']])).toEqual([
    ...['a1', 'b1', 'c1'],
    ...['a2', 'c2'],
    ...['a3', 'a4'],
  ]);
  expect(inTurn([])).toEqual([]);
});
