import { type Clock, systemClock } from './clock.ts';

/**
 * Runs `work` again and again, one run at a time, `pauseMs` after the last one ended or at once when nudged. What `work` throws goes to
 * `onError` and the loop goes on. `stop` lets the run in hand finish.
 */
export class Loop {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  readonly #pauseMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #clock: Clock;
  #abort: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  #nudged = false;

  constructor(
    pauseMs: number,
    work: (signal: AbortSignal) => Promise<void>,
    onError: (error: unknown) => void,
    clock = systemClock,
  ) {
    this.#pauseMs = pauseMs;
    this.#work = work;
    this.#onError = onError;
    this.#clock = clock;
  }

  start(): void {
    if (this.#abort !== undefined) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#running = this.#run(abort.signal);
  }

  /** Ends the pause in hand, or skips the next one. */
  nudge(): void {
    this.#nudged = true;
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#abort?.abort();
    this.#wake?.();
    await this.#running;
    this.#abort = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#nudged = false;
      try {
        await this.#work(signal);
      } catch (error) {
        this.#onError(error);
      }
      if (!signal.aborted && !this.#nudged) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const abort = new AbortController();
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([woken, this.#clock.sleep(this.#pauseMs, abort.signal).catch(() => undefined)]);
    abort.abort(new Error('woken'));
    this.#wake = undefined;
  }
}
