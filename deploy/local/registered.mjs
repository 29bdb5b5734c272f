// @ts-check
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';

/** Becomes the program given after the pid file, keeping the pid. If the pid file can't be written, it does not run. */
const REGISTER_AND_EXEC = 'read -r stat </proc/$$/stat && printf "%s\\n" "$stat" >"$1" && shift && exec "$@"';

/**
 * Starts a program that writes its own pid file before it becomes the program, so that there is no moment in which
 * it runs and the guard does not know of it. It leads a process group of its own: a terminal's Ctrl-C does not reach it.
 *
 * @param {object} plan
 * @param {string} plan.command absolute path
 * @param {readonly string[]} plan.args
 * @param {NodeJS.ProcessEnv} plan.env the whole environment; nothing is inherited
 * @param {string} [plan.cwd]
 * @param {string} plan.pidFile
 * @param {number} logFd both outputs go there; closed here, the child keeps its own
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnRegistered({ command, args, env, cwd = '/', pidFile }, logFd) {
  try {
    return spawn('/bin/sh', ['-c', REGISTER_AND_EXEC, 'sh', pidFile, command, ...args], {
      detached: true,
      stdio: ['ignore', logFd, logFd],
      env,
      cwd,
    });
  } finally {
    closeSync(logFd);
  }
}
