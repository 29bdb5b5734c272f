// @ts-check
/**
 * A pid file here holds the first line of /proc/PID/stat as the process itself wrote it: number and start time
 * together name one process for ever, so that a number given to another process later is never taken for it.
 */
import { readFileSync } from 'node:fs';

/** Field 22 of /proc/PID/stat (man 5 proc), counted from the state, which follows the ")" that ends the name. */
const START_TIME_AFTER_NAME = 19;

/**
 * @typedef {object} ProcessIdentity
 * @property {number} pid
 * @property {string} startTime in clock ticks since the machine started
 * @property {string} state one letter; Z is a process that ended and was not yet asked after
 */

/**
 * @param {string} line of /proc/PID/stat; the name in it may hold spaces and brackets
 * @returns {ProcessIdentity | undefined} undefined when it is not such a line
 */
export function parseStatLine(line) {
  const afterName = line
    .slice(line.lastIndexOf(') ') + 2)
    .trim()
    .split(' ');
  const pid = Number.parseInt(line, 10);
  const startTime = afterName[START_TIME_AFTER_NAME];
  if (!Number.isSafeInteger(pid) || pid <= 0 || startTime === undefined) return undefined;
  return { pid, startTime, state: afterName[0] ?? '' };
}

/**
 * @param {number} pid
 * @returns {string} the process's stat line, '' when there is none
 */
export function statLine(pid) {
  return readText(`/proc/${pid}/stat`);
}

/**
 * @param {string} recorded a stat line written earlier
 * @returns {number | undefined} the pid when that very process still runs
 */
export function stillRunning(recorded) {
  const then = parseStatLine(recorded);
  const now = then && parseStatLine(statLine(then.pid));
  return now && now.startTime === then.startTime && now.state !== 'Z' ? now.pid : undefined;
}

/** @param {string} file @returns {string} '' when it can't be read */
export function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
