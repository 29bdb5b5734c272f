// @ts-check
/**
 * One supervised child process: it is ready or it is an error, its death is noticed at once, and it ends when told.
 *
 * The child is signalled by its process group, whose leader it is, never by a name. Its pid file lets the guard end it
 * when this process can't.
 */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GRACE_SECONDS } from './guard.mjs';
import { LaunchError } from './launch-error.mjs';
import { logTail, openLog } from './log-tail.mjs';
import { spawnRegistered } from './registered.mjs';

/** Pause between two readiness checks, in milliseconds: start-up times are seconds. */
const READY_POLL_MS = 100;
/** Time for a server to become ready, in milliseconds, with everything else starting on two busy cores. */
const READY_DEADLINE_MS = 90_000;
/** Time after SIGTERM until SIGKILL, in milliseconds; the same that the guard gives. */
export const STOP_GRACE_MS = GRACE_SECONDS * 1000;

/**
 * @typedef {object} ChildPlan
 * @property {string} name
 * @property {string} command absolute path of a program
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} env the whole environment; nothing is inherited
 * @property {string} [cwd]
 * @property {string} logFile output is appended to it
 * @property {string} pidFile
 * @property {() => Promise<boolean>} ready asked until true; a throw means not yet
 * @property {number} [readyDeadlineMs]
 * @property {(death: Death) => void} [onDeath] called for each end that nobody asked for, after readiness
 *
 * @typedef {object} Death
 * @property {string} name
 * @property {string} reason like "was ended by SIGKILL"
 * @property {string} message the reason with the last lines of the log
 */

/** @typedef {'down' | 'starting' | 'up' | 'ending'} ChildState */

export class Child {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;
  /** @type {Promise<string>} resolves with the reason when the current process has ended */
  #ended = Promise.resolve('has not been started');
  #logStartByte = 0;
  /** @type {ChildState} */
  #state = 'down';

  /** @param {ChildPlan} plan */
  constructor(plan) {
    this.plan = plan;
  }

  /** @returns {string} */
  get name() {
    return this.plan.name;
  }

  /** @returns {number | undefined} undefined while it does not run */
  get pid() {
    return this.#process?.pid;
  }

  /** @returns {ChildState} */
  get state() {
    return this.#state;
  }

  /**
   * Starts it, also again after an end, and waits until it is ready. Does nothing when it runs.
   *
   * @returns {Promise<void>}
   * @throws {LaunchError} it ended, or was not ready in time and was stopped; with the last lines of its log
   */
  async start() {
    if (this.#state === 'up') return;
    if (this.#state !== 'down') throw new LaunchError(`${this.name} can't be started while it is ${this.#state}.`);
    this.#state = 'starting';
    this.#spawn();
    const deadline = Date.now() + (this.plan.readyDeadlineMs ?? READY_DEADLINE_MS);
    const death = this.#ended.then((reason) =>
      Promise.reject(new LaunchError(this.#explain(`${reason} while starting`))),
    );
    try {
      await Promise.race([death, this.#untilReady(deadline)]);
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#state === 'starting') this.#state = 'up';
  }

  /**
   * SIGTERM, and SIGKILL after the grace. Resolves when it has ended; does nothing when it does not run.
   *
   * @param {number} [graceMs]
   * @returns {Promise<void>}
   */
  async stop(graceMs = STOP_GRACE_MS) {
    if (this.#process === undefined) return;
    this.#state = 'ending';
    this.#signal('SIGTERM');
    this.#signal('SIGCONT'); // a stopped process gets SIGTERM only when it goes on
    const patience = new AbortController();
    const late = sleep(graceMs, 'late', { signal: patience.signal }).catch(() => 'ended');
    if ((await Promise.race([this.#ended, late])) === 'late') this.#signal('SIGKILL');
    patience.abort();
    await this.#ended;
  }

  /**
   * Sends a signal, for chaos. Resolves at once, after SIGKILL when it has ended. The end that follows SIGKILL or
   * SIGTERM counts as asked for: it is not reported as a death.
   *
   * @param {NodeJS.Signals} [signal]
   * @returns {Promise<void>}
   */
  async kill(signal = 'SIGKILL') {
    if (this.#process === undefined) return;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#state = 'ending';
    this.#signal(signal);
    if (signal === 'SIGKILL') await this.#ended;
  }

  #spawn() {
    const log = openLog(this.plan.logFile);
    this.#logStartByte = log.startByte;
    const child = spawnRegistered(this.plan, log.fd);
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(this.#onEnd(`could not be run: ${error.message}`)));
      child.once('exit', (code, signal) =>
        resolve(this.#onEnd(signal ? `was ended by ${signal}` : `ended with code ${code}`)),
      );
    });
  }

  /** @param {string} reason @returns {string} the same */
  #onEnd(reason) {
    const wasUp = this.#state === 'up';
    this.#process = undefined;
    this.#state = 'down';
    rmSync(this.plan.pidFile, { force: true });
    if (wasUp) this.plan.onDeath?.({ name: this.name, reason, message: this.#explain(reason) });
    return reason;
  }

  /** @param {number} deadline in milliseconds since 1970 */
  async #untilReady(deadline) {
    while (this.#process !== undefined) {
      if (await this.plan.ready().catch(() => false)) return;
      if (Date.now() > deadline) throw new LaunchError(this.#explain('was not ready in time'));
      await sleep(READY_POLL_MS);
    }
    await new Promise(() => {}); // it ended: the race is decided by its death
  }

  /** @param {string} reason */
  #explain(reason) {
    const tail = logTail(this.plan.logFile, this.#logStartByte);
    return `${this.name} ${reason}. Its log is ${this.plan.logFile}${tail === '' ? ', and empty.' : `, which ends:\n${tail}`}`;
  }

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  }
}
