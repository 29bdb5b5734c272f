// @ts-check

/**
 * Something a person can put right: a missing program, a port in use, a server that ended while starting.
 * Its message is the whole story, so command lines print it without a stack.
 */
export class LaunchError extends Error {
  /**
   * @param {string} message one clear sentence, with the last lines of a log below it where they explain more
   * @param {ErrorOptions} [options]
   */
  constructor(message, options) {
    super(message, options);
    this.name = 'LaunchError';
  }
}

/**
 * What a command line prints for an error: only the sentence when that is enough, else the stack.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function describeError(error) {
  if (error instanceof LaunchError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
