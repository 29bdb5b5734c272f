import type { Clock } from '@tradewind/time';

/** A sleep that can be cut short; a wake-up while nobody sleeps is kept for the next one. */
export class Wake {
  readonly #clock: Clock;
  #woken = false;
  #sleep: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): void {
    this.#woken = true;
    this.#sleep?.abort();
  }

  async wait(ms: number): Promise<void> {
    if (!this.#woken && ms > 0) {
      this.#sleep = new AbortController();
      await this.#clock.sleep(ms, this.#sleep.signal).catch(() => {});
      this.#sleep = undefined;
    }
    this.#woken = false;
  }
}
