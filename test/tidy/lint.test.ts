import { beforeAll, describe, expect, it } from 'vitest';
import { plantWorkspace, type PlantedWorkspace } from './planted-workspace.ts';
import { repository } from './repo.ts';

type Lint = ReturnType<PlantedWorkspace['lint']>;

const BOUNDARIES = '@nx(enforce-module-boundaries)';

/** What must never pass the lint: where it is planted, the code, the rule that finds it. */
const FORBIDDEN: [string, string, string, string][] = [
  ['a word imports a contract', 'libs/money', "import '@tradewind/contracts';", BOUNDARIES],
  ['a word imports a pattern', 'libs/errors', "import '@tradewind/sharding';", BOUNDARIES],
  ['a word imports a package', 'libs/money', "import 'zod';", BOUNDARIES],
  ['a contract imports a pattern', 'libs/contracts', "import '@tradewind/sharding';", BOUNDARIES],
  ['a contract imports a driver', 'libs/contracts', "import 'mysql2';", BOUNDARIES],
  ['a pattern imports an adapter', 'libs/ids', "import '@tradewind/mysql';", BOUNDARIES],
  ['a pattern imports the host', 'libs/tcc', "import '@tradewind/nest';", BOUNDARIES],
  [
    'a pattern imports only a type of an adapter',
    'libs/outbox',
    "import type { A } from '@tradewind/kafka';\nexport type B = A;",
    BOUNDARIES,
  ],
  [
    'a pattern imports an adapter when it runs',
    'libs/sharding',
    "export const a = await import('@tradewind/etcd');",
    BOUNDARIES,
  ],
  ['a pattern passes an adapter on', 'libs/sharding', "export * from '@tradewind/redis';", BOUNDARIES],
  ...[
    '@nestjs/common',
    '@nestjs/core',
    'typeorm',
    'mysql2',
    'mysql2/promise',
    'kafkajs',
    '@elastic/elasticsearch',
    'redis',
    'ioredis',
    'etcd3',
  ].map((driver): [string, string, string, string] => [
    `a pattern imports ${driver}`,
    'libs/outbox',
    `import '${driver}';`,
    BOUNDARIES,
  ]),
  ['an adapter imports an adapter', 'libs/kafka', "import '@tradewind/mysql';", BOUNDARIES],
  ['an adapter imports the host', 'libs/http', "import '@tradewind/nest';", BOUNDARIES],
  ['an adapter imports a second driver', 'libs/redis', "import 'kafkajs';", BOUNDARIES],
  ['an adapter other than mysql imports TypeORM', 'libs/etcd', "import 'typeorm';", BOUNDARIES],
  ['an adapter imports NestJS', 'libs/elastic', "import '@nestjs/common';", BOUNDARIES],
  ['the host imports TypeORM', 'libs/nest', "import 'typeorm';", BOUNDARIES],
  ['the host imports an app', 'libs/nest', "import '@tradewind/order-app';", BOUNDARIES],
  ['an app imports an app by name', 'apps/payment', "import '@tradewind/order-app';", BOUNDARIES],
  ['an app imports an app by path', 'apps/payment', "import '../../order/src/planted-target.ts';", BOUNDARIES],
  ['an app goes round an adapter to its driver', 'apps/order', "import 'kafkajs';", BOUNDARIES],
  ['a lib is imported by path', 'libs/tcc', "import '../../ids/src/index.ts';", BOUNDARIES],
  ['a journey imports an app', 'test/journeys', "import '@tradewind/order-app';", BOUNDARIES],
  [
    'a journey imports an app by path',
    'test/journeys',
    "import '../../../apps/order/src/planted-target.ts';",
    BOUNDARIES,
  ],
  [
    'two files import each other',
    'libs/time',
    "import { two } from './planted-two.ts';\nexport const one = (): number => two();",
    'import(no-cycle)',
  ],
  [
    'a promise that nobody waits for',
    'libs/time',
    'export function go(): void {\n  Promise.resolve(1);\n}',
    'typescript(no-floating-promises)',
  ],
  [
    'an async function as a condition',
    'libs/time',
    'const ready = async (): Promise<boolean> => true;\nexport const b = (): number => (ready() ? 1 : 2);',
    'typescript(no-misused-promises)',
  ],
  [
    'an await of no promise',
    'libs/time',
    'export const c = async (): Promise<number> => await 3;',
    'typescript(await-thenable)',
  ],
  ['an any', 'libs/time', 'export const d = (a: any): number => Number(a);', 'typescript(no-explicit-any)'],
  ['an unused variable', 'libs/time', 'const e = 1;', 'eslint(no-unused-vars)'],
  ['a loose comparison', 'libs/time', 'export const f = (a: string): boolean => a == null;', 'eslint(eqeqeq)'],
  [
    'a type imported as a value',
    'libs/time',
    "import { Stats } from 'node:fs';\nexport type G = Stats;",
    'typescript(consistent-type-imports)',
  ],
  ['a word on the console of a lib', 'libs/time', "console.log('h');", 'eslint(no-console)'],
];

/** What must pass: without it a lint that refuses everything would look right. */
const ALLOWED: [string, string, string][] = [
  ['a word imports a word', 'libs/money', "import '@tradewind/errors';"],
  [
    'a pattern imports a word and Node',
    'libs/ids',
    "import { randomInt } from 'node:crypto';\nimport '@tradewind/time';\n\nexport const i = randomInt;",
  ],
  [
    'an adapter imports a pattern and its driver',
    'libs/mysql',
    "import '@tradewind/tcc';\nimport { createPool } from 'mysql2/promise';\n\nexport const j = createPool;",
  ],
  [
    'an app imports an adapter, the host and NestJS',
    'apps/order',
    "import '@tradewind/mysql';\nimport '@tradewind/nest';\nimport { Module } from '@nestjs/common';\n\nexport const k = Module;",
  ],
];

const fileOf = (folder: string, index: number): string =>
  `${folder}${folder.startsWith('test/') ? '' : '/src'}/planted-${index}.ts`;

/** A bare import is short to read; the lint wants to see it used. */
function used(code: string): string {
  const names: string[] = [];
  const named = code.replaceAll(
    /^import '(.+)';$/gm,
    (_all, from: string) => `import * as n${names.push(from)} from '${from}';`,
  );
  return [named, ...names.map((_from, index) => `export { n${index + 1} };`)].join('\n');
}

/** Plants each in a file of its own. Together the forbidden ones make circles of packages: what is allowed gets a workspace without them. */
function lintPlanted(cases: readonly (readonly [string, string, string, string?])[]): Lint {
  const cycle = cases.findIndex(([what]) => what === 'two files import each other');
  const workspace = plantWorkspace(repository(), {
    ...Object.fromEntries(cases.map(([, folder, code], index) => [fileOf(folder, index), `${used(code)}\n`])),
    'libs/time/src/planted-two.ts': `import { one } from './planted-${cycle}.ts';\n\nexport const two = (): number => one();\n`,
    'apps/order/src/planted-target.ts': 'export const target = 1;\n',
  });
  try {
    return workspace.lint();
  } finally {
    workspace.remove();
  }
}

const rulesIn = ({ findings }: Lint, file: string): string[] =>
  findings.filter((each) => each.file === file).map((each) => each.rule);

describe('what must never pass the lint', () => {
  let result: Lint;
  beforeAll(() => {
    result = lintPlanted(FORBIDDEN);
  });

  it('fails it', () => {
    expect(result.code, result.output).toBe(1);
  });

  it.each(FORBIDDEN.map(([what, folder, , rule], index) => ({ what, file: fileOf(folder, index), rule })))(
    '$what',
    ({ file, rule }) => {
      expect(rulesIn(result, file), result.output).toContain(rule);
    },
  );
});

describe('what must pass the lint', () => {
  let result: Lint;
  beforeAll(() => {
    result = lintPlanted(ALLOWED);
  });

  it.each(ALLOWED.map(([what, folder], index) => ({ what, file: fileOf(folder, index) })))('$what', ({ file }) => {
    expect(result.output).toContain('"diagnostics"');
    expect(rulesIn(result, file)).toEqual([]);
  });
});
