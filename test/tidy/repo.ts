/**
 * The repository's own text: what git tracks, and what is new and not ignored, so that a file is judged before it is committed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** Files that are no text: a NUL byte this near to the beginning tells, as it does for git. */
const BINARY_PROBE_BYTES = 8000;
/** Pictures and archives would only slow the search. */
const BYTES_MOST = 1024 * 1024;

/** Path from the root of the repository -> text. What a check looks at, so that a test can plant what it should find. */
export type Files = ReadonlyMap<string, string>;

/** One sentence that begins with the place: `path:line what is wrong`. */
export type Complaint = string;

let read: Files | undefined;

/** Read once for each test file. */
export function repository(): Files {
  return (read ??= readRepository());
}

function readRepository(): Files {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const names = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * BYTES_MOST }).split('\0');
  return new Map(
    names.flatMap((name) => {
      const file = path.join(ROOT, name);
      if (name === '' || !existsSync(file) || !statSync(file).isFile() || statSync(file).size > BYTES_MOST) return [];
      const bytes = readFileSync(file);
      return bytes.subarray(0, BINARY_PROBE_BYTES).includes(0) ? [] : [[name, bytes.toString('utf8')]];
    }),
  );
}

/** The repository with a few files changed or added: for planting a fault in the real text. */
export function withFiles(files: Files, planted: Readonly<Record<string, string>>): Files {
  return new Map([...files, ...Object.entries(planted)]);
}

/** @param pattern without the g flag; each line is searched by itself */
export function linesThatMatch(files: Iterable<[string, string]>, pattern: RegExp, what: string): Complaint[] {
  return [...files].flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${what}`] : [])),
  );
}

export function filesThat(files: Files, claim: (file: string, text: string) => boolean): [string, string][] {
  return [...files].filter(([file, text]) => claim(file, text));
}

/** 1-based. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

export const isTypeScript = (file: string): boolean => file.endsWith('.ts') && !file.endsWith('.d.ts');
export const isSource = (file: string): boolean => isTypeScript(file) || file.endsWith('.mjs');
export const isTest = (file: string): boolean => /\.test\.(ts|mjs)$/.test(file);
