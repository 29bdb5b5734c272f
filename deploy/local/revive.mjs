// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

/** Pause before a dead process is started again, in milliseconds: long enough to see that the others notice. */
const PAUSE_MS = 1000;
/** A process that dies this often within the window below has a cause that starting it again does not mend. */
const DEATHS_MAX = 5;
const WINDOW_MS = 60_000;

/**
 * What to do about a death that nobody asked for: tell, and start the process again as an orchestrator would, so that
 * people can kill what they like and watch.
 *
 * @param {import('./terminal.mjs').Progress} progress
 * @param {() => (name: any) => { start: () => Promise<void> }} finder gives what finds a process by its name; asked only after a death
 * @returns {(death: import('./child.mjs').Death) => void}
 */
export function revive(progress, finder) {
  /** @type {Map<string, number[]>} */
  const deaths = new Map();
  /** @param {string} name */
  const startAgain = async (name) => {
    await sleep(PAUSE_MS);
    await finder()(name).start();
  };
  return ({ name, reason, message }) => {
    const now = Date.now();
    const recent = [...(deaths.get(name) ?? []), now].filter((at) => now - at < WINDOW_MS);
    deaths.set(name, recent);
    if (recent.length >= DEATHS_MAX)
      return progress.say(`${message}\n${name} ended ${recent.length} times within a minute and is left down.`);
    progress.say(
      reason.includes('SIGKILL') ? `${name} ${reason}; starting it again.` : `${message}\nStarting it again.`,
    );
    startAgain(name).catch((error) => progress.say(error.message));
  };
}
