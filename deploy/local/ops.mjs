// @ts-check
/**
 * node deploy/local/ops.mjs [--data DIR] [what `ops` takes]
 *
 * Runs an operator's command against the system that runs from a data directory (default .tradewind).
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describeError } from './launch-error.mjs';
import { REPOSITORY, serviceNode } from './node-modules.mjs';
import { runningSystemEnv } from './running-system.mjs';
import { DEFAULT_DATA_DIR } from './up-options.mjs';

try {
  const args = process.argv.slice(2);
  const at = args.indexOf('--data');
  const [, dataDir] = at < 0 ? [] : args.splice(at, 2);
  const env = { ...process.env, ...runningSystemEnv(path.resolve(dataDir ?? DEFAULT_DATA_DIR)) };
  const ops = path.join(REPOSITORY, 'apps/ops/dist/main.js');
  const { status } = spawnSync(await serviceNode(), [ops, ...args], { env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(describeError(error));
  process.exitCode = 1;
}
