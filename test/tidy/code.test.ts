import { describe, expect, it } from 'vitest';
import { columnComplaints, LIMITS, migrationComplaints, sizes } from './code.ts';
import { repository } from './repo.ts';

const files = repository();
const one = (file: string, text: string): ReadonlyMap<string, string> => new Map([[file, text]]);

describe('columns', () => {
  it('name their type: the two compilers do not agree on the metadata of an imported one', () => {
    expect(columnComplaints(files)).toEqual([]);
  });

  it.each([
    '@Column()',
    "@Column({ name: 'a', length: 3 })",
    '@PrimaryColumn({\n  unsigned: true,\n})',
    '@VersionColumn()',
  ])('the check finds %s', (bad) => {
    expect(columnComplaints(one('a.row.ts', `class A {\n  ${bad}\n  a: string;\n}`))).toHaveLength(1);
  });

  it.each(["@Column('bigint', { unsigned: true })", "@Column({ transformer: of(1), type: 'int' })"])(
    'the check lets %s be',
    (good) => {
      expect(columnComplaints(one('a.row.ts', good))).toEqual([]);
    },
  );
});

describe('migrations', () => {
  it('are numbered without a gap, for each kind of database', () => {
    expect([...files.keys()].some((file) => file.startsWith('deploy/sql/'))).toBe(true);
    expect(migrationComplaints(files)).toEqual([]);
  });

  it.each([
    ['a gap', ['0001_a.sql', '0003_c.sql']],
    ['a repeat', ['0001_a.sql', '0001_b.sql']],
    ['another start', ['0002_a.sql']],
    ['another name', ['0001_a.sql', '2_b.sql']],
    ['capitals', ['0001_A.sql']],
  ])('the check finds %s', (_what, names) => {
    expect(migrationComplaints(new Map(names.map((name) => [`deploy/sql/order/${name}`, ''])))).toHaveLength(1);
  });

  it('the check counts each folder by itself', () => {
    expect(
      migrationComplaints(
        new Map(['a/0001_x.sql', 'b/0001_x.sql', 'b/0002_y.sql'].map((each) => [`deploy/sql/${each}`, ''])),
      ),
    ).toEqual([]);
  });
});

describe('sizes', () => {
  it('no file and no function is too long to be read', () => {
    const { listed, failing } = sizes(files);
    if (listed.length > 0)
      process.stderr.write(`Long, though not yet too long:\n${listed.map((each) => `  ${each}\n`).join('')}`);
    expect(failing).toEqual([]);
  });

  it('the check lists the long and fails the too long', () => {
    const lines = (count: number): string => 'a();\n'.repeat(count);
    const { file, function: limit } = LIMITS;
    expect(sizes(one('a.ts', lines(file.listed)))).toEqual({ listed: [], failing: [] });
    expect(sizes(one('a.ts', lines(file.listed + 1))).listed).toHaveLength(1);
    expect(sizes(one('a.mjs', lines(file.fails + 1))).failing).toEqual(['a.mjs has 401 lines (at most 400)']);
    const body = (count: number): string => `\nconst f = () => {\n${lines(count - 2)}};\n`;
    expect(sizes(one('a.ts', body(limit.listed))).listed).toEqual([]);
    expect(sizes(one('a.ts', body(limit.fails + 1))).failing).toEqual(['a.ts:2 a function has 81 lines (at most 80)']);
  });

  it('the check takes a suite of tests for a list, and each test for a function', () => {
    const test = (count: number): string =>
      `describe('a', () => {\nit('b', () => {\n${'a();\n'.repeat(count)}});\n});\n`;
    expect(sizes(one('a.test.ts', test(78))).failing).toEqual([]);
    expect(sizes(one('a.test.ts', test(79))).failing).toEqual(['a.test.ts:2 a function has 81 lines (at most 80)']);
  });
});
