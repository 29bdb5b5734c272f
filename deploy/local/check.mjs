// @ts-check
/**
 * node deploy/local/check.mjs [--quick]
 *
 * Everything that must hold before a change lands, the cheap first; the first that fails ends it. Lint and build come
 * from Nx's cache when nothing they depend on changed. --quick: without the tests.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { everyAppStarts } from './app-starts.mjs';
import { run } from './command.mjs';
import { LaunchError, describeError } from './launch-error.mjs';
import { REPOSITORY, ensureNodeModules } from './node-modules.mjs';
import { createTerminal, secondsSince } from './terminal.mjs';

const BIN = path.join(REPOSITORY, 'node_modules/.bin');

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} what
 * @property {(node: string) => Promise<unknown>} run
 */

/**
 * @param {string} name
 * @param {string} what
 * @param {...string} command
 * @returns {Step} a tool of node_modules, whose whole output is shown when it fails
 */
function tool(name, what, ...command) {
  const [program = '', ...args] = command;
  /** @type {string[]} */
  const lines = [];
  const options = { cwd: REPOSITORY, env: withBin(), onLine: (/** @type {string} */ line) => lines.push(line) };
  const go = () =>
    run(path.join(BIN, program), args, options).catch(() => {
      throw new LaunchError([...lines, `Failed: ${command.join(' ')}`].join('\n'));
    });
  return { name, what, run: go };
}

/** @type {Step} */
const TESTS = { name: 'tests', what: 'on real servers', run: (node) => runTests(node) };

const STEPS = [
  tool('format', 'prettier', 'prettier', '--check', '--log-level=warn', '--cache', '.'),
  tool('lint', 'oxlint, who may import whom', 'nx', 'run', 'tradewind:lint'),
  tool('types', 'sources, tests and tools', 'tsc', '-b', 'tsconfig.check.json'),
  tool('unused', 'knip', 'knip', '--no-progress'),
  TESTS,
  tool('build', 'every lib and app', 'nx', 'run-many', '-t', 'build'),
  {
    name: 'start',
    what: 'every built app, without a configuration',
    run: (/** @type {string} */ node) => everyAppStarts(node),
  },
];

/** @param {string} node what they print is shown as it comes */
async function runTests(node) {
  const child = spawn(node, [path.join(REPOSITORY, 'deploy/local/test.mjs')], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const forward = () => child.kill('SIGTERM'); // Ctrl-C reaches the child by itself; it stops its servers
  process.once('SIGTERM', forward);
  const code = await new Promise((resolve) => child.once('exit', (exit, signal) => resolve(exit ?? signal)));
  process.off('SIGTERM', forward);
  if (code !== 0) throw new LaunchError(`The tests ended with ${code}.`);
}

/** @returns {NodeJS.ProcessEnv} the repository's Node and tools first, as under npm */
function withBin() {
  const folders = [BIN, process.env['PATH']].filter(Boolean).join(path.delimiter);
  return { ...process.env, PATH: folders, NX_DAEMON: 'false', FORCE_COLOR: '0' };
}

/** @param {readonly Step[]} steps */
async function check(steps) {
  const progress = createTerminal();
  const began = performance.now();
  process.on('SIGINT', () => {}); // each child has it too, and its end is ours
  try {
    const node = await ensureNodeModules({ progress });
    for (const { name, what, run: go } of steps) {
      const step = progress.step(name, what);
      await go(node).then(
        () => step.done(what),
        (error) => {
          step.fail(what);
          throw error;
        },
      );
    }
    progress.say(`All of it holds: ${steps.map(({ name }) => name).join(', ')} (${secondsSince(began)}).`);
  } catch (error) {
    process.exitCode = 1;
    progress.say(describeError(error));
  }
  progress.close();
}

await check(process.argv.includes('--quick') ? STEPS.filter((step) => step !== TESTS) : STEPS);
