import { expect, test } from 'vitest';
import { parseOptions } from './audit.command.ts';

test('an operator who says nothing gets every invariant and half a minute to settle', () => {
  expect(parseOptions([])).toMatchObject({ settleMs: 30_000, asJson: false, acknowledgedFile: undefined });
  expect(parseOptions([]).invariants.map((each) => each.id)).toEqual([
    ...['I1', 'I2', 'I3', 'I4', 'I6', 'I7', 'I8', 'I9', 'I10'],
  ]);
});

test('takes its options, and some invariants alone', () => {
  const options = parseOptions(['--settle', '0', '--json', '--only', 'i8,I10']);
  expect(options).toMatchObject({ settleMs: 0, asJson: true });
  expect(options.invariants.map((each) => each.id)).toEqual(['I8', 'I10']);
});

test.each([
  [['--settle', 'soon']],
  [['--settle', '-1']],
  [['--only', 'I5']],
  [['--fix']],
  [['now']],
  [['--acknowledged', '/nowhere/at/all']],
])('refuses %j', (args) => {
  expect(() => parseOptions(args)).toThrow(/./);
});
