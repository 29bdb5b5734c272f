// @ts-check

/** Exit codes that shells give for an end by Ctrl-C and by SIGTERM. */
export const EXIT_CODE = Object.freeze({ SIGINT: 130, SIGTERM: 143 });
/** Under npm one Ctrl-C comes twice: from the terminal and from npm. Within this time it is the same one, in milliseconds. */
const SAME_PRESS_MS = 1000;

/**
 * Resolves with the first signal that asks for the end; from then on another one ends this process at once, and the
 * guard does the rest.
 *
 * @returns {Promise<keyof typeof EXIT_CODE>}
 */
export function endingSignal() {
  return new Promise((resolve) => {
    /** @type {number | undefined} */
    let firstAt;
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
      process.on(name, () => {
        firstAt ??= performance.now();
        if (performance.now() - firstAt > SAME_PRESS_MS) process.exit(EXIT_CODE[name]);
        resolve(name);
      });
    }
  });
}
