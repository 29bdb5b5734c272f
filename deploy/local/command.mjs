// @ts-check
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { LaunchError } from './launch-error.mjs';
import { excerpt, logTail, openLog } from './log-tail.mjs';
import { spawnRegistered } from './registered.mjs';

/** Output kept for an error message, in characters. */
const OUTPUT_CHARS_MAX = 64 * 1024;

/**
 * Runs a program to its end as a child of the household: its output goes to a log, and it ends with the launcher.
 *
 * @param {object} plan
 * @param {string} plan.what for the error, like "making the tables of db-a"
 * @param {string} plan.command
 * @param {readonly string[]} plan.args
 * @param {NodeJS.ProcessEnv} plan.env
 * @param {string} plan.logFile
 * @param {string} plan.pidFile
 * @returns {Promise<void>}
 * @throws {LaunchError} it ended with another code than 0; with the last lines of the log
 */
export async function runLogged({ what, command, args, env, logFile, pidFile }) {
  const log = openLog(logFile);
  const child = spawnRegistered({ command, args, env, pidFile }, log.fd);
  const end = await endOf(child);
  rmSync(pidFile, { force: true });
  if (end !== 0)
    throw new LaunchError(
      `${what} failed (${end}). The log is ${logFile}, which ends:\n${logTail(logFile, log.startByte)}`,
    );
}

/**
 * Runs a program to its end in the foreground group (Ctrl-C ends it too) and gives its output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} [options]
 * @param {string} [options.what] for the error; else the command
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.cwd]
 * @param {(line: string) => void} [options.onLine] each line as it comes
 * @returns {Promise<string>} the end of what it printed, both streams, at most 64 Ki characters
 * @throws {LaunchError} it ended with another code than 0; with the first and last lines of what it printed
 */
export async function run(command, args, { what = command, env = process.env, cwd, onLine } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, ...(cwd === undefined ? {} : { cwd }) });
  let output = '';
  let begun = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output = (output + text).slice(-OUTPUT_CHARS_MAX);
      if (onLine === undefined) return;
      const lines = (begun + text).split(/[\r\n]+/);
      begun = lines.pop() ?? '';
      lines.forEach(onLine);
    });
  }
  const endWithUs = () => child.kill();
  process.once('exit', endWithUs);
  const end = await endOf(child, 'close');
  process.off('exit', endWithUs);
  if (end !== 0) throw new LaunchError(`${what} failed (${end}):\n${excerpt(output)}`);
  return output;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {'exit' | 'close'} [event] close: the output has been read as well
 * @returns {Promise<string | 0>} 0, or what went wrong
 */
function endOf(child, event = 'exit') {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once(event, (code, signal) => resolve(code === 0 ? 0 : (signal ?? `code ${code}`)));
  });
}
