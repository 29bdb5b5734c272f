// @ts-check
/**
 * node deploy/local/prerequisites.mjs
 *
 * Only installs what the system needs on this machine; afterwards a start needs no network.
 */
import { ensurePrerequisites } from './install.mjs';
import { describeError } from './launch-error.mjs';
import { ensureNodeModules } from './node-modules.mjs';
import { createTerminal } from './terminal.mjs';

const progress = createTerminal();
try {
  await ensurePrerequisites({ progress });
  await ensureNodeModules({ progress });
  progress.say('Everything needed is here.');
} catch (error) {
  progress.say(describeError(error));
  process.exitCode = 1;
} finally {
  progress.close();
}
