// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { LaunchError } from './launch-error.mjs';
import { REPOSITORY, serviceNode } from './node-modules.mjs';
import { silentProgress } from './terminal.mjs';

/**
 * Compiles what changed (`tsc -b` is incremental; with nothing to do it takes about a second).
 *
 * @param {object} [options]
 * @param {import('./terminal.mjs').Progress} [options.progress]
 * @param {string} [options.repository]
 * @returns {Promise<void>}
 * @throws {LaunchError} it does not compile; with the last lines of what the compiler said
 */
export async function ensureBuilt({ progress = silentProgress, repository = REPOSITORY } = {}) {
  const tsc = path.join(repository, 'node_modules/.bin/tsc');
  if (!existsSync(tsc)) throw new LaunchError('The compiler is missing: run npm ci.');
  const node = await serviceNode(repository);
  const step = progress.step('build', 'compiling');
  try {
    await run(node, [tsc, '-b'], { what: 'tsc -b', cwd: repository });
    step.done('compiled');
  } catch (error) {
    step.fail('does not compile');
    throw error;
  }
}
