const COLOURS = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string): string => (COLOURS ? `\u001b[${code}m${text}\u001b[0m` : text);

/** What a chapter has to report: one line of result; `ok: false` is a story that went wrong. */
export interface Told {
  readonly ok: boolean;
  readonly result: string;
}

/** Tells the chapters of the story in the terminal, each with its result and its time, and remembers whether all went well. */
export class Teller {
  #failed = 0;
  #told = 0;

  get allWell(): boolean {
    return this.#failed === 0 && this.#told > 0;
  }

  get summary(): string {
    return `${this.#told - this.#failed} of ${this.#told} chapters as promised`;
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** Runs one chapter. What it throws is its result, and the story goes on. */
  async chapter(title: string, work: () => Promise<Told>): Promise<void> {
    const start = performance.now();
    this.#told += 1;
    const told = await work().catch((error: unknown): Told => ({
      ok: false,
      result: error instanceof Error ? error.message : String(error),
    }));
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    if (!told.ok) this.#failed += 1;
    const mark = told.ok ? paint(32, '✔') : paint(31, '✘');
    this.say(`${mark} ${paint(2, `${seconds} s`)}  ${paint(1, title)}\n            ${told.result}`);
  }
}
