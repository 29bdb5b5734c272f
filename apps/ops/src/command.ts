/** How a command speaks: results go to standard output, everything else to standard error. */
export interface Terminal {
  out(line: string): void;
  note(line: string): void;
}

export interface Command {
  /** As typed, with its arguments. */
  readonly usage: string;
  readonly summary: string;
  /**
   * @returns the exit code
   * @throws UsageError, CommandFailure
   */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

export const terminal: Terminal = {
  out: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
};
