import { describe, expect, it } from 'vitest';
import { repository } from './repo.ts';
import { SLEEPERS, sleepComplaints, switchedComplaints } from './tests.ts';

const files = repository();
const test = (text: string): ReadonlyMap<string, string> => new Map([['a.test.ts', text]]);

describe('tests', () => {
  it('all run: none is switched off, and none switches the others off', () => {
    expect(switchedComplaints(files)).toEqual([]);
  });

  it.each(['it.@only(', 'describe.@skip(', 'test.concurrent.@only(', 'it.@skipIf(!url)(', 'it.@todo(', 'x@it('])(
    'the check finds %s',
    (bad) => {
      expect(switchedComplaints(test(`  ${bad.replace('@', '')}'a', () => {});`))).toHaveLength(1);
    },
  );

  it('wait for a condition, not for a time', () => {
    expect(sleepComplaints(files)).toEqual([]);
  });

  it.each([
    'await new Promise((resolve) => set@Timeout(resolve, 500));',
    'await sle@ep(200);',
    'await del@ay(1000);',
    'await set@Timeout(5);',
  ])('the check finds %s', (bad) => {
    expect(sleepComplaints(test(bad.replace('@', '')))).toHaveLength(1);
  });

  it('the check lets a poll be, a timer that is no sleep, and the listed places', () => {
    const sleep = 'await sle@ep(20);'.replace('@', '');
    expect(sleepComplaints(test(`while (!(await there())) {\n  ${sleep}\n}`))).toEqual([]);
    expect(sleepComplaints(test('setTimeout(() => controller.abort(), 50);'))).toEqual([]);
    expect(sleepComplaints(test(sleep), { 'a.test.ts': [1, 'a reason'] })).toEqual([]);
    expect(sleepComplaints(test(`${sleep}\n${sleep}`), { 'a.test.ts': [1, 'a reason'] })).toHaveLength(2);
  });

  it('each listed place is still there', () => {
    expect(Object.keys(SLEEPERS).filter((file) => !files.has(file))).toEqual([]);
  });
});
