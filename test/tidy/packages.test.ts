import { describe, expect, it } from 'vitest';
import {
  barrelComplaints,
  extensionComplaints,
  libComplaints,
  packagesOf,
  referenceComplaints,
  tagComplaints,
  workspaceComplaints,
} from './packages.ts';
import { repository, withFiles } from './repo.ts';

const files = repository();

/** A lib in which nothing is wrong, to plant one fault at a time in. */
const lib = (name: string, more: Record<string, string> = {}, manifest: object = {}): Record<string, string> => ({
  [`libs/${name}/package.json`]: JSON.stringify({
    name: `@tradewind/${name}`,
    nx: { tags: ['kind:word'] },
    ...manifest,
  }),
  [`libs/${name}/tsconfig.json`]: '{ "references": [] }',
  [`libs/${name}/README.md`]: '# it',
  [`libs/${name}/src/index.ts`]: 'export const one = 1;\n',
  [`libs/${name}/src/one.test.ts`]: '',
  ...more,
});
const planted = (...parts: Record<string, string>[]): ReadonlyMap<string, string> =>
  withFiles(new Map(), Object.assign({}, ...parts) as Record<string, string>);

describe('each lib', () => {
  it('is named by what it knows, has one public face, a README and tests', () => {
    expect(packagesOf(files).length).toBeGreaterThan(20);
    expect(libComplaints(files)).toEqual([]);
  });

  it('the check finds a nameless lib, one without README, without face, without test, and one that calls itself otherwise', () => {
    expect(libComplaints(planted(lib('good')))).toEqual([]);
    expect(libComplaints(planted(lib('utils')))).toEqual(['libs/utils has a name that says nothing of what it knows']);
    const bare = new Map([['libs/bare/package.json', '{"name":"@tradewind/bear"}']]);
    expect(libComplaints(bare)).toEqual([
      'libs/bare/package.json is named @tradewind/bear, not @tradewind/bare',
      'libs/bare has no README.md',
      'libs/bare has no src/index.ts',
      'libs/bare has no test',
    ]);
  });
});

describe('the tags that the lint judges by', () => {
  it('are there: one kind for each package, one driver for each adapter', () => {
    expect(tagComplaints(files)).toEqual([]);
  });

  it('the check finds none, two, an unknown one, an adapter without driver and a pattern with one', () => {
    const tagged = (...tags: string[]): string[] => tagComplaints(planted(lib('x', {}, { nx: { tags } })));
    expect(tagged('kind:word')).toEqual([]);
    expect(tagged('kind:adapter', 'driver:x')).toEqual([]);
    for (const tags of [
      [],
      ['kind:word', 'kind:app'],
      ['kind:thing'],
      ['kind:adapter'],
      ['kind:adapter', 'driver:y'],
      ['kind:pattern', 'driver:x'],
    ]) {
      expect(tagged(...tags), tags.join()).toHaveLength(1);
    }
  });
});

describe('imports, dependencies and references', () => {
  it('are the same for each package', () => {
    expect(referenceComplaints(files)).toEqual([]);
  });

  it('the check finds each of the three that lacks what the others have, in type imports and dynamic ones too', () => {
    const other = lib('other');
    const user = (source: string, dependencies: object, references: object[]): string[] =>
      referenceComplaints(
        planted(
          other,
          lib(
            'user',
            { 'libs/user/src/index.ts': source, 'libs/user/tsconfig.json': JSON.stringify({ references }) },
            { dependencies },
          ),
        ),
      );
    const [declared, referred] = [{ '@tradewind/other': '*' }, [{ path: '../other' }]];
    for (const source of [
      "import type { A } from '@tradewind/other';",
      "export * from '@tradewind/other';",
      "await import('@tradewind/other');",
    ]) {
      expect(user(source, declared, referred)).toEqual([]);
      expect(user(source, {}, referred)).toEqual([
        'libs/user/package.json lacks @tradewind/other, which the source imports',
      ]);
      expect(user(source, declared, [])).toEqual([
        'libs/user/tsconfig.json lacks the reference to libs/other, which the source imports',
      ]);
    }
    expect(user("// import '@tradewind/other'", declared, referred)).toEqual([
      'libs/user/package.json has @tradewind/other, which no source imports',
      'libs/user/tsconfig.json refers to libs/other, which no source imports',
    ]);
  });

  it('the root tsconfig builds every package', () => {
    expect(workspaceComplaints(files)).toEqual([]);
  });

  it('the check finds a package that is not built, and one that is gone', () => {
    expect(workspaceComplaints(planted({ 'tsconfig.json': '{}' }, lib('forgotten')))).toEqual([
      'tsconfig.json lacks the reference to libs/forgotten',
    ]);
    const root = { 'tsconfig.json': '{ "references": [{ "path": "libs/gone" }] }' };
    expect(workspaceComplaints(planted(root))).toEqual(['tsconfig.json refers to libs/gone, which is no package']);
  });
});

describe('files', () => {
  it('import each other by whole names', () => {
    expect(extensionComplaints(files)).toEqual([]);
  });

  it('the check finds a name without its end, a folder and a .js that only exists once built', () => {
    for (const bad of ['./x', '.', '../y/', './x.js'])
      expect(extensionComplaints(new Map([['a.ts', `import '${bad}';`]])), bad).toHaveLength(1);
    for (const good of ['./x.ts', 'node:fs', '@tradewind/ids'])
      expect(extensionComplaints(new Map([['a.ts', `import '${good}';`]])), good).toEqual([]);
  });

  it('are no barrels, but for the public face', () => {
    expect(barrelComplaints(files)).toEqual([]);
  });

  it('the check finds a barrel, but not a file that passes something on beside its own', () => {
    const barrel = "// all of it\nexport { a } from './a.ts';\nexport * from './b.ts';\n";
    expect(barrelComplaints(new Map([['libs/x/src/all/index.ts', barrel]]))).toHaveLength(1);
    expect(barrelComplaints(new Map([['libs/x/src/index.ts', barrel]]))).toEqual([]);
    expect(barrelComplaints(new Map([['libs/x/src/own.ts', `${barrel}export const c = 1;`]]))).toEqual([]);
  });
});
