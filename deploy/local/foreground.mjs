// @ts-check
/** How a command of ours runs in a terminal: until it is done or told to end, and then it leaves nothing behind. */
import { EXIT_CODE, endingSignal } from './ending-signal.mjs';
import { describeError } from './launch-error.mjs';
import { createTerminal } from './terminal.mjs';

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
