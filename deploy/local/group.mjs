// @ts-check
/** Supervised children that start together and end in order. */
import { LaunchError } from './launch-error.mjs';

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {number} stage when it ends: the lower first; see STAGE
 * @property {string} address shown once it is ready
 * @property {import('./child.mjs').Child} child
 * @property {() => Promise<void>} [prepare] before each start
 *
 * @typedef {object} RunningChild
 * @property {string} name
 * @property {number | undefined} pid undefined while it does not run
 * @property {(signal?: NodeJS.Signals) => Promise<void>} kill for chaos; SIGKILL when not told. Its end is not reported
 * @property {() => Promise<void>} stop SIGTERM, then SIGKILL
 * @property {() => Promise<void>} start again, on the same port and data; resolves when it is ready
 */

/**
 * Starts all in parallel. When one does not start, or ends while others still start, all are stopped.
 *
 * @param {readonly Member[]} members
 * @param {import('./terminal.mjs').Progress} progress
 * @returns {Promise<void>}
 * @throws {LaunchError} why the first of them failed
 */
export async function startTogether(members, progress) {
  const outcomes = await Promise.allSettled(members.map((member) => start(member, progress)));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  const gone = members.find((member) => member.child.state !== 'up');
  if (failure === undefined && gone === undefined) return;
  await stopInOrder(members);
  throw failure?.reason ?? new LaunchError(`${gone?.name} ended again while others were starting.`);
}

/** @param {Member} member @param {import('./terminal.mjs').Progress} progress */
async function start({ name, address, child, prepare }, progress) {
  const step = progress.step(name);
  try {
    await prepare?.();
    await child.start();
    step.done(address);
  } catch (error) {
    step.fail('did not start');
    throw error;
  }
}

/** Stage after stage, in parallel within each. @param {readonly Member[]} members */
export async function stopInOrder(members) {
  const stages = [...new Set(members.map((member) => member.stage))].sort((a, b) => a - b);
  for (const stage of stages) {
    await Promise.all(members.filter((member) => member.stage === stage).map((member) => member.child.stop()));
  }
}

/**
 * @param {readonly Member[]} members
 * @param {string} name
 * @param {import('./terminal.mjs').Progress} progress
 * @returns {RunningChild}
 * @throws {LaunchError} there is none of that name, as when the environment named a running one
 */
export function runningChild(members, name, progress) {
  const member = members.find((candidate) => candidate.name === name);
  if (member === undefined) throw new LaunchError(`${name} is not run by this launcher.`);
  const { child } = member;
  return {
    name,
    get pid() {
      return child.pid;
    },
    kill: (signal) => child.kill(signal),
    stop: () => child.stop(),
    start: () => start(member, progress),
  };
}
