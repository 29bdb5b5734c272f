/** A copy of the workspace in which faults can be planted without touching the real one. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Files, ROOT } from './repo.ts';

/** The shape of the workspace without its code: manifests, configurations, public faces. */
const SHAPE =
  /^[^/]+\.json$|^\.oxlintrc\.json$|^(?:libs|apps|test)\/(?:[^/]+\/)?(?:package|tsconfig)\.json$|^libs\/[^/]+\/src\/index\.ts$/;
/** The project graph and one lint of a small tree take about five seconds on two cores. */
const LINT_MS_MOST = 60_000;

export interface Finding {
  readonly file: string;
  /** Like `eslint(eqeqeq)`. */
  readonly rule: string;
}

export interface PlantedWorkspace {
  /** What `npm run lint` finds. */
  lint(): { code: number | null; findings: Finding[]; output: string };
  remove(): void;
}

export function plantWorkspace(files: Files, planted: Readonly<Record<string, string>>): PlantedWorkspace {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tradewind-planted-'));
  for (const [file, text] of [...files].filter(([each]) => SHAPE.test(each)).concat(Object.entries(planted))) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), file.endsWith('/src/index.ts') ? 'export {};\n' : text);
  }
  linkModules(dir);
  return { lint: () => lint(dir), remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Everything installed, but the workspace's own packages lead to the copy. */
function linkModules(dir: string): void {
  const [from, to] = [path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules')];
  mkdirSync(to);
  for (const name of readdirSync(from).filter((each) => each !== '@tradewind'))
    symlinkSync(path.join(from, name), path.join(to, name));
  cpSync(path.join(from, '@tradewind'), path.join(to, '@tradewind'), { recursive: true, verbatimSymlinks: true });
}

function lint(dir: string): ReturnType<PlantedWorkspace['lint']> {
  const script = path.join(ROOT, 'node_modules/nx/dist/bin/nx.js');
  const args = [script, 'lint', 'tradewind', '--skip-nx-cache', '--format=json'];
  const env = {
    ...process.env,
    NX_DAEMON: 'false',
    NX_WORKSPACE_ROOT_PATH: dir,
    PATH: `${path.join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: dir,
    env,
    encoding: 'utf8',
    timeout: LINT_MS_MOST,
  });
  return { code: status, findings: parseFindings(stdout), output: stdout + stderr };
}

/** Nx prints lines of its own around the report. */
function parseFindings(stdout: string): Finding[] {
  const begin = stdout.search(/\{\s*"diagnostics"/);
  if (begin < 0) return [];
  const { diagnostics } = JSON.parse(stdout.slice(begin, stdout.lastIndexOf('}') + 1)) as {
    diagnostics: { filename: string; code: string }[];
  };
  return diagnostics.map(({ filename, code }) => ({ file: filename, rule: code }));
}
