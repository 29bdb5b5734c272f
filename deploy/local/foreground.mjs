// @ts-check
/** How a command of ours runs in a terminal: until it is done or told to end, and then it leaves nothing behind. */
import { describeError } from './launch-error.mjs';
import { createTerminal } from './terminal.mjs';

/** Exit codes that shells give for an end by Ctrl-C and by SIGTERM. */
const EXIT_CODE = { SIGINT: 130, SIGTERM: 143 };

/** Resolves with the name of the first ending signal; the second ends at once, and the guard does the rest. @returns {Promise<'SIGINT' | 'SIGTERM'>} */
export function endingSignal() {
  return new Promise((resolve) => {
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
      let seen = false;
      process.on(name, () => (seen ? process.exit(EXIT_CODE[name]) : ((seen = true), resolve(name))));
    }
  });
}

/**
 * Runs `work` in the foreground. What it reports through `onStarted` is stopped at its end, in reverse order, whatever the end was. An error
 * is one message without a stack trace and exit code 1.
 *
 * @param {(parts: { progress: import('./terminal.mjs').Progress, onStarted: (stop: () => Promise<void>) => void, signal: Promise<string> }) => Promise<number>} work
 *   resolves with the exit code; `signal` resolves when the user wants to end
 */
export async function runInForeground(work) {
  const progress = createTerminal();
  const signal = endingSignal();
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  try {
    const done = work({ progress, onStarted: (stop) => stops.unshift(stop), signal });
    const ended = await Promise.race([signal, done]);
    process.exitCode = typeof ended === 'number' ? ended : EXIT_CODE[ended];
    if (stops.length > 0) progress.say('Stopping…');
  } catch (error) {
    process.exitCode = 1;
    progress.say(describeError(error));
  }
  for (const stop of stops) await stop();
  progress.close();
  process.exit(); // a start that was under way is ended by the guard
}
