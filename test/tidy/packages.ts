import path from 'node:path';
import ts from 'typescript';
import { type Complaint, filesThat, type Files, isSource, isTest, isTypeScript } from './repo.ts';

const SCOPE = '@tradewind/';
/** Names that say nothing of what a lib knows: everything ends up in them. */
const NAMELESS = ['shared', 'common', 'core', 'base', 'utils', 'util', 'helpers', 'helper', 'misc', 'lib', 'tools'];
const KINDS = ['word', 'contract', 'pattern', 'adapter', 'host', 'app', 'journey'];

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly nx?: { readonly tags?: readonly string[] };
}

export interface Package {
  /** Like libs/ids. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sources: readonly [string, string][];
}

export function packagesOf(files: Files): Package[] {
  return filesThat(files, (file) => /^(apps\/[^/]+|libs\/[^/]+|test)\/package\.json$/.test(file)).map(
    ([file, text]) => {
      const folder = path.dirname(file);
      const sources = filesThat(files, (each) => each.startsWith(`${folder}/`) && isTypeScript(each));
      return { folder, manifest: JSON.parse(text) as Manifest, sources };
    },
  );
}

const libsOf = (files: Files): Package[] => packagesOf(files).filter(({ folder }) => folder.startsWith('libs/'));

/** A lib is named by what it knows, has its one public face, a README and tests. */
export function libComplaints(files: Files): Complaint[] {
  return libsOf(files).flatMap(({ folder, manifest, sources }) => {
    const name = path.basename(folder);
    return [
      ...(NAMELESS.includes(name) ? [`${folder} has a name that says nothing of what it knows`] : []),
      ...(manifest.name === SCOPE + name
        ? []
        : [`${folder}/package.json is named ${manifest.name}, not ${SCOPE}${name}`]),
      ...(files.has(`${folder}/README.md`) ? [] : [`${folder} has no README.md`]),
      ...(files.has(`${folder}/src/index.ts`) ? [] : [`${folder} has no src/index.ts`]),
      ...(sources.some(([file]) => isTest(file)) ? [] : [`${folder} has no test`]),
    ];
  });
}

/** The tags are what the lint judges imports by: an untagged package could import anything that no rule names. */
export function tagComplaints(files: Files): Complaint[] {
  return packagesOf(files).flatMap(({ folder, manifest }) => {
    const tags = manifest.nx?.tags ?? [];
    const kinds = tags.filter((tag) => tag.startsWith('kind:')).map((tag) => tag.slice('kind:'.length));
    const drivers = tags.filter((tag) => tag.startsWith('driver:'));
    const kind = kinds[0] ?? '';
    const wanted = kind === 'adapter' ? [`driver:${path.basename(folder)}`] : [];
    return [
      ...(kinds.length === 1 && KINDS.includes(kind)
        ? []
        : [`${folder}/package.json needs exactly one nx tag kind:${KINDS.join('|')}`]),
      ...(drivers.join() === wanted.join()
        ? []
        : [`${folder}/package.json needs the nx tags [${wanted.join()}], has [${drivers.join()}]`]),
    ];
  });
}

/** What the source imports, package.json depends on and tsconfig.json refers to is the same, or a build order is a matter of luck. */
export function referenceComplaints(files: Files): Complaint[] {
  const folderOf = new Map(packagesOf(files).map(({ folder, manifest }) => [manifest.name, folder]));
  return packagesOf(files).flatMap(({ folder, manifest, sources }) => {
    const imported = new Set(sources.flatMap(([, text]) => importsOf(text).flatMap(packageName)));
    const declared = new Set(
      Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => name.startsWith(SCOPE)),
    );
    const referred = referencesOf(files, `${folder}/tsconfig.json`);
    const folders = (names: Iterable<string>): Set<string> =>
      new Set([...names].map((name) => folderOf.get(name) ?? name));
    return [
      ...missing(imported, declared).map((name) => `${folder}/package.json lacks ${name}, which the source imports`),
      ...missing(declared, imported).map((name) => `${folder}/package.json has ${name}, which no source imports`),
      ...missing(folders(imported), referred).map(
        (each) => `${folder}/tsconfig.json lacks the reference to ${each}, which the source imports`,
      ),
      ...missing(referred, folders(imported)).map(
        (each) => `${folder}/tsconfig.json refers to ${each}, which no source imports`,
      ),
    ];
  });
}

/** `tsc -b` builds what the root tsconfig names; the tests beside it are only checked, through tsconfig.check.json. */
export function workspaceComplaints(files: Files): Complaint[] {
  const referred = new Set([...referencesOf(files, 'tsconfig.json'), ...referencesOf(files, 'tsconfig.check.json')]);
  const present = new Set(packagesOf(files).map(({ folder }) => folder));
  const others = ['.', 'tsconfig.tools.json'];
  return [
    ...missing(present, referred).map((folder) => `tsconfig.json lacks the reference to ${folder}`),
    ...missing(referred, new Set([...present, ...others])).map(
      (each) => `tsconfig.json refers to ${each}, which is no package`,
    ),
  ];
}

function referencesOf(files: Files, tsconfig: string): Set<string> {
  const text = files.get(tsconfig) ?? '{}';
  const config = ts.parseConfigFileTextToJson('tsconfig.json', text).config as
    { references?: { path: string }[] } | undefined;
  return new Set((config?.references ?? []).map((each) => path.join(path.dirname(tsconfig), each.path)));
}

/** Static and dynamic imports, and re-exports; not what a comment shows. */
export function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((each) => each.fileName);
}

function packageName(specifier: string): string[] {
  return specifier.startsWith(SCOPE) ? [specifier.split('/').slice(0, 2).join('/')] : [];
}

function missing<T>(wanted: ReadonlySet<T>, present: ReadonlySet<T>): T[] {
  return [...wanted].filter((each) => !present.has(each));
}

/** Node runs the sources as they are: it resolves no extension, and never a folder. */
export function extensionComplaints(files: Files): Complaint[] {
  return filesThat(files, isSource).flatMap(([file, text]) => {
    const bad = importsOf(text).filter((each) => /^\.\.?(\/|$)/.test(each) && !/\.(ts|mjs|json)$/.test(each));
    return bad.map((each) => `${file} imports ${each}: a relative import ends in .ts (.mjs in plain JavaScript)`);
  });
}

/** A file that only passes on what others export hides cycles and is loaded whole; a package has one, its public face. */
export function barrelComplaints(files: Files): Complaint[] {
  return filesThat(files, (file) => isSource(file) && !/^(libs|apps)\/[^/]+\/src\/index\.ts$/.test(file)).flatMap(
    ([file, text]) => {
      const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext);
      const passesOn = statements.filter((each) => ts.isExportDeclaration(each) && each.moduleSpecifier !== undefined);
      const others = statements.filter((each) => !ts.isExportDeclaration(each) && !ts.isImportDeclaration(each));
      return passesOn.length > 0 && others.length === 0
        ? [`${file} is a barrel: import from where it is declared`]
        : [];
    },
  );
}
