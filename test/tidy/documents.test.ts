import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const DOCUMENTS = globSync(['*.md', 'deploy/**/*.md', 'docs/**/*.md', '{apps,libs}/*/README.md'], {
  cwd: fileURLToPath(ROOT),
}).sort();
/** Placeholders for a name that the reader chooses, and what the reader makes: git ignores it, so a clean checkout has none. */
const PATTERN = /[*…<]|NNNN|\/\.env$/;

/** Paths of this repository that a document names in backticks or links to. */
export function pathsIn(text: string): string[] {
  const quoted = [...text.matchAll(/`((?:apps|libs|deploy|test|docs)\/[^`\s]+)`/g)].map((match) => match[1]!);
  const linked = [...text.matchAll(/\]\(((?!https?:|#)[^)\s]+)\)/g)].map((match) => match[1]!);
  return [...quoted, ...linked].filter((path) => !PATTERN.test(path));
}

test.each(DOCUMENTS)('%s names only files that exist', (document) => {
  const folder = new URL(`./${document}`, ROOT);
  const missing = pathsIn(readFileSync(folder, 'utf8')).filter(
    (path) =>
      !existsSync(new URL(path, path.includes('/') && !path.startsWith('.') ? ROOT : folder)) &&
      !existsSync(new URL(path, folder)),
  );
  expect(missing).toEqual([]);
});

test('all documents are looked at', () => {
  for (const name of [
    'README.md',
    'ARCHITECTURE.md',
    'deploy/local/README.md',
    'docs/adr/0001-host-lib.md',
    'libs/tcc/README.md',
  ])
    expect(DOCUMENTS).toContain(name);
});

test('ARCHITECTURE names a file for each of the fourteen decisions', () => {
  const text = readFileSync(new URL('ARCHITECTURE.md', ROOT), 'utf8');
  const rows = [...text.matchAll(/^\| D(\d+) \|.*$/gm)];
  expect(rows.map((row) => Number(row[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  for (const [row] of rows) expect(pathsIn(row).length, row).toBeGreaterThan(0);
});

test('a path that does not exist would be seen', () => {
  expect(pathsIn('see `libs/nowhere/src/x.ts` and [that](docs/nothing.md), not `npm test`')).toEqual([
    'libs/nowhere/src/x.ts',
    'docs/nothing.md',
  ]);
});

test('every problem code is explained to clients', () => {
  const text = readFileSync(new URL('apps/storefront/README.md', ROOT), 'utf8');
  const table = readFileSync(new URL('libs/errors/src/problem.ts', ROOT), 'utf8');
  const codes = [...table.matchAll(/^ {2}'?([a-z-]+)'?: \{ ?$|^ {2}'?([a-z-]+)'?: \{ status/gm)].map(
    (match) => match[1] ?? match[2]!,
  );
  expect(codes.length).toBeGreaterThan(20);
  for (const code of codes) expect(text, code).toContain(code);
});
