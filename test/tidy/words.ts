import { type Complaint, filesThat, type Files, isTest, isTypeScript, linesThatMatch } from './repo.ts';

/** Written in pieces: this file is searched too. */
const joined = (...pieces: string[]): string => pieces.join('.').replaceAll('.', '\\.');
const REGISTRIES = [
  joined('registry', 'npmjs', 'org'),
  joined('registry', 'yarnpkg', 'com'),
  joined('npm', 'pkg', 'github', 'com'),
  `repo1?\\.maven\\.${joined('apache', 'org')}`,
  `repo1?\\.${joined('maven', 'org')}`,
  joined('deb', 'debian', 'org'),
  joined('pypi', 'org'),
  joined('static', 'crates', 'io'),
  joined('proxy', 'golang', 'org'),
];
const REGISTRY = new RegExp(REGISTRIES.join('|'), 'i');
const MACHINE_PATH = new RegExp(`(?<![\\w.\\-/*])/(?:${['work', 'root', 'home/\\w+', 'Users/\\w+'].join('|')})/`);

/** Where packages come from is the business of the machine that installs them. */
export function registryComplaints(files: Files): Complaint[] {
  const lock = filesThat(files, (file) => file.endsWith('package-lock.json'));
  return [
    ...linesThatMatch(files, REGISTRY, 'names the host of a package registry'),
    ...linesThatMatch(lock, /"resolved": "(?:https?|git)/, 'has the address that a package was fetched from'),
  ];
}

export function pathComplaints(files: Files): Complaint[] {
  // An image has a machine of its own.
  const others = filesThat(files, (file) => !/(?:^|\/)Dockerfile$/.test(file));
  return linesThatMatch(others, MACHINE_PATH, 'has an absolute path of one machine');
}

const PROBLEM_TABLE = 'libs/errors/src/problem.ts';

/** Codes whose use comes with a later part of the system, each with that part. */
export const FUTURE_CODES: Readonly<Record<string, string>> = {};

/** Each code of the problem table can be met by a client, and a client can read what it means. */
export function problemComplaints(files: Files, future = FUTURE_CODES): Complaint[] {
  const table = files.get(PROBLEM_TABLE) ?? '';
  const codes = [...table.matchAll(/^ {2}'?([a-z-]+)'?: \{ status: \d{3},/gm)].map((match) => match[1] ?? '');
  if (codes.length === 0) return [`${PROBLEM_TABLE} has no table that this check can read`];
  const sources = filesThat(
    files,
    (file) => isTypeScript(file) && !isTest(file) && !file.startsWith('test/') && file !== PROBLEM_TABLE,
  );
  const code = sources.map(([, text]) => text).join('\n');
  const prose = filesThat(files, (file) => file.endsWith('.md'))
    .map(([, text]) => text)
    .join('\n');
  return codes.flatMap((each) => [
    ...(code.includes(`'${each}'`) || each in future ? [] : [`${PROBLEM_TABLE} the code ${each} is thrown nowhere`]),
    ...(prose.includes(`\`${each}\``) ? [] : [`${PROBLEM_TABLE} the code ${each} is documented nowhere`]),
    ...(code.includes(`'${each}'`) && each in future ? [`${each} is thrown, so it is no future code any more`] : []),
  ]);
}
