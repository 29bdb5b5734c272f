import { describe, expect, it } from 'vitest';
import { repository, withFiles } from './repo.ts';
import { pathComplaints, problemComplaints, registryComplaints } from './words.ts';

const files = repository();
const one = (file: string, text: string): ReadonlyMap<string, string> => new Map([[file, text]]);
/** The planted words are written in pieces: the checks read this file too. */
const unsplit = (text: string): string => text.replaceAll('@', '');

describe('words that no file has', () => {
  it('the host of a package registry, and where a package was fetched from', () => {
    expect(registryComplaints(files)).toEqual([]);
  });

  it.each(['https://registry.@npmjs.org/x', 'repo1.@maven.org', 'http://deb.@debian.org'])(
    'the check finds %s',
    (bad) => {
      expect(registryComplaints(one('a.md', unsplit(bad)))).toHaveLength(1);
    },
  );

  it('the check finds a fetched package in the lock, but not a workspace package', () => {
    expect(registryComplaints(one('package-lock.json', '"resolved": "https://example.com/a.tgz"'))).toHaveLength(1);
    expect(registryComplaints(one('package-lock.json', '"resolved": "libs/ids"'))).toEqual([]);
  });

  it('an absolute path of one machine', () => {
    expect(pathComplaints(files)).toEqual([]);
  });

  it.each(['cd /wo@rk/x', '"/ro@ot/.m2"', '(/ho@me/ann/x)'])('the check finds %s', (bad) => {
    expect(pathComplaints(one('a.mjs', unsplit(bad)))).toHaveLength(1);
  });

  it.each(['https://x.example/wo@rk/a', 'apps/wo@rk/a', './ro@ot/x'])('the check lets %s be', (good) => {
    expect(pathComplaints(one('a.md', unsplit(good)))).toEqual([]);
  });
});

describe('error codes', () => {
  const table = "export const PROBLEMS = {\n  'stock-short': { status: 409, title: 'x', next: 'fix' },\n};";
  const problem = 'libs/errors/src/problem.ts';

  it('are thrown somewhere and documented somewhere', () => {
    expect(problemComplaints(files)).toEqual([]);
  });

  it('the check finds a code that nobody throws and that no page explains', () => {
    expect(problemComplaints(one(problem, table))).toHaveLength(2);
    const used = withFiles(one(problem, table), {
      'apps/a/src/a.ts': "throw new Refusal('stock-short');",
      'README.md': '`stock-short`',
    });
    expect(problemComplaints(used)).toEqual([]);
  });

  it('a test that throws it does not count', () => {
    const tested = withFiles(one(problem, table), {
      'apps/a/src/a.test.ts': "new Refusal('stock-short')",
      'README.md': '`stock-short`',
    });
    expect(problemComplaints(tested)).toHaveLength(1);
  });

  it('a code of the future is let be until it is thrown', () => {
    const documented = withFiles(one(problem, table), { 'README.md': '`stock-short`' });
    expect(problemComplaints(documented, { 'stock-short': 'later' })).toEqual([]);
    expect(
      problemComplaints(withFiles(documented, { 'libs/a.ts': "'stock-short'" }), { 'stock-short': 'later' }),
    ).toHaveLength(1);
  });

  it('the check fails when it can not read the table', () => {
    expect(problemComplaints(one(problem, 'export const PROBLEMS = load();'))).toHaveLength(1);
  });
});
