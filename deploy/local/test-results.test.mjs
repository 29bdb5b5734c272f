import { describe, expect, it } from 'vitest';
import { exitCode, lastLine, tally } from './test-results.mjs';

/** @param {...{ name?: string, status: string, message?: string, tests: string[] }} files */
const report = (...files) =>
  JSON.stringify({
    testResults: files.map(({ name = 'x.test.ts', status, message, tests }) => ({
      ...{ name, status, message },
      assertionResults: tests.map((each) => ({ status: each })),
    })),
  });

describe('the tally of a test run', () => {
  it('counts tests, not files, and leaves out those that a filter skipped', () => {
    const result = tally(report({ status: 'passed', tests: ['passed', 'skipped', 'passed'] }), 0);
    expect(lastLine(result)).toBe('2 passed, 0 failed');
    expect(exitCode(result)).toBe(0);
  });

  it('counts a file that did not load as a failure, although no test of it failed', () => {
    const result = tally(
      report({ status: 'failed', message: 'Cannot find x\nstack', tests: [] }, { status: 'passed', tests: ['passed'] }),
      1,
    );
    expect(lastLine(result)).toBe('1 passed, 1 failed');
    expect(result.troubles).toEqual(['x.test.ts failed outside its tests: Cannot find x']);
    expect(exitCode(result)).toBe(1);
  });

  it('does not count a file twice whose test failed', () => {
    expect(lastLine(tally(report({ status: 'failed', tests: ['failed', 'passed'] }), 1))).toBe('1 passed, 1 failed');
  });

  it('fails a run in which no test ran', () => {
    expect(exitCode(tally(report(), 0))).toBe(1);
  });

  it('fails a run whose tests passed while the runner itself did not (an unhandled rejection)', () => {
    const result = tally(report({ status: 'passed', tests: ['passed'] }), 1);
    expect(lastLine(result)).toBe('1 passed, 1 failed');
    expect(exitCode(result)).toBe(1);
  });

  it('fails a run that left no report', () => {
    const result = tally('', 'SIGKILL');
    expect(lastLine(result)).toBe('0 passed, 1 failed');
    expect(result.troubles[0]).toContain('SIGKILL');
  });
});
