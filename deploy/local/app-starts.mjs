// @ts-check
/**
 * Starts each built app with nothing in its environment. It must answer with what it misses and end: then all its
 * modules were loaded, in an order that works. (A cycle between classes passes the tests and crashes only the built app.)
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { lastLines } from './log-tail.mjs';
import { REPOSITORY } from './node-modules.mjs';

/** What our processes end with when they were not told what they need. */
const EXIT_UNTOLD = 2;
/** Loading takes a second; an app that is still there after this long serves without a configuration. */
const START_MS_MOST = 30_000;
/** The one message of a service (readConfig in libs/nest), and of a command line without a command. */
const ANSWER = /the environment is not complete:\n|^Usage: /m;
const STACK = /^ {4}at /m;

/** @typedef {{ code: number | string | null, output: string }} End */

/**
 * @param {string} node
 * @param {string} [repository]
 * @returns {Promise<string[]>} the apps that answered
 * @throws {LaunchError} one did not; each is named with the last lines of what it said
 */
export async function everyAppStarts(node, repository = REPOSITORY) {
  const apps = readdirSync(path.join(repository, 'apps'));
  const ends = [];
  for (const app of apps)
    ends.push({ app, end: await start(node, path.join(repository, 'apps', app, 'dist/main.js')) });
  const troubles = ends.flatMap(({ app, end }) => startTrouble(app, end));
  if (troubles.length > 0) throw new LaunchError(troubles.join('\n'));
  return apps;
}

/** @param {string} app @param {End} end @returns {string[]} at most one */
export function startTrouble(app, { code, output }) {
  if (code === EXIT_UNTOLD && ANSWER.test(output) && !STACK.test(output)) return [];
  return [
    `apps/${app}, started with an empty environment, ended with ${code} instead of its one configuration error:\n${lastLines(output)}`,
  ];
}

/** @param {string} node @param {string} main @returns {Promise<End>} */
function start(node, main) {
  const child = spawn(node, [main], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: START_MS_MOST,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.message, output }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
