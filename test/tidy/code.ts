import ts from 'typescript';
import { type Complaint, filesThat, type Files, isSource, isTest, isTypeScript, lineOf } from './repo.ts';

/** Lines from which a file or function is listed as long, and from which it fails. */
export const LIMITS = {
  file: { listed: 300, fails: 400 },
  function: { listed: 60, fails: 80 },
};

/** TypeORM's decorators that make a column. The compilers differ on the metadata of an imported type, so each says its own. */
const COLUMN = /@(?:Column|PrimaryColumn|VersionColumn|CreateDateColumn|UpdateDateColumn|DeleteDateColumn)\(/g;

export function columnComplaints(files: Files): Complaint[] {
  return filesThat(files, (file) => isTypeScript(file) && !isTest(file)).flatMap(([file, text]) =>
    [...text.matchAll(COLUMN)].flatMap((match) => {
      const args = argumentsAt(text, match.index + match[0].length);
      const named = /\btype:/.test(args) || /^\s*['"]/.test(args);
      return named ? [] : [`${file}:${lineOf(text, match.index)} ${match[0]}…) does not name its type`];
    }),
  );
}

/** @returns the text up to the closing parenthesis */
function argumentsAt(text: string, start: number): string {
  let open = 1;
  let end = start;
  while (open > 0 && end < text.length) {
    if (text[end] === '(') open += 1;
    if (text[end] === ')') open -= 1;
    end += 1;
  }
  return text.slice(start, end - 1);
}

/** Migrations run in the order of their numbers: a gap or a repeated number means that somebody's never runs, or runs late. */
export function migrationComplaints(files: Files): Complaint[] {
  const folders = new Map<string, string[]>();
  for (const file of files.keys()) {
    const [, folder, name] = /^deploy\/sql\/([^/]+)\/(.+)$/.exec(file) ?? [];
    if (folder !== undefined && name !== undefined) folders.set(folder, [...(folders.get(folder) ?? []), name]);
  }
  return [...folders].flatMap(([folder, names]) => {
    const odd = names.filter((name) => !/^\d{4}_[a-z0-9_]+\.sql$/.test(name) && name !== 'README.md');
    const numbers = names
      .filter((name) => /^\d{4}_/.test(name))
      .map((name) => Number(name.slice(0, 4)))
      .sort((a, b) => a - b);
    const gapless = numbers.every((number, index) => number === index + 1);
    return [
      ...odd.map((name) => `deploy/sql/${folder}/${name} is not named NNNN_what.sql`),
      ...(gapless
        ? []
        : [`deploy/sql/${folder} has the migrations ${numbers.join(', ')}: neither a gap nor a repeat is allowed`]),
    ];
  });
}

export interface Sizes {
  /** Not wrong yet; for people. */
  readonly listed: Complaint[];
  readonly failing: Complaint[];
}

export function sizes(files: Files): Sizes {
  const measured = filesThat(files, isSource).flatMap(([file, text]) => [
    { what: `${file} has`, lines: text.split('\n').length - 1, limit: LIMITS.file },
    ...longFunctions(file, text).map((each) => ({ ...each, limit: LIMITS.function })),
  ]);
  const over = (bound: 'listed' | 'fails'): Complaint[] =>
    measured
      .filter(({ lines, limit }) => lines > limit[bound])
      .map(({ what, lines, limit }) => `${what} ${lines} lines (at most ${limit[bound]})`);
  return { listed: over('listed'), failing: over('fails') };
}

function longFunctions(file: string, text: string): { what: string; lines: number }[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const lineAt = (offset: number): number => source.getLineAndCharacterOfPosition(offset).line + 1;
  const found: { what: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && !(isProof(file) && isSuite(node))) {
      const [first, last] = [lineAt(node.getStart(source)), lineAt(node.end)];
      found.push({ what: `${file}:${first} a function has`, lines: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isProof = (file: string): boolean => isTest(file) || file.startsWith('test/');

/** A function that declares tests is a list of them, not a thing to be understood as one. */
function isSuite(node: ts.Node): boolean {
  const declares = (each: ts.Node): boolean =>
    (ts.isCallExpression(each) && /^(?:it|test|describe)\b/.test(each.expression.getText())) ||
    (ts.forEachChild(each, declares) ?? false);
  return ts.forEachChild(node, declares) ?? false;
}
