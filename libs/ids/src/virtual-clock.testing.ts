import type { Clock } from '@tradewind/time';

/** A clock that moves when the test says so. `jump` moves the wall alone; `advance` moves everything and wakes sleepers in order. */
export class VirtualClock implements Clock {
  #wall: number;
  #elapsed = 0;
  #sleepers: { due: number; wake: () => void }[] = [];

  constructor(wall: number) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ due: this.#elapsed + ms, wake }));
  }

  jump(ms: number): void {
    this.#wall += ms;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settled();
    for (;;) {
      const next = this.#sleepers.reduce((first, { due }) => Math.min(first, due), Number.POSITIVE_INFINITY);
      const until = Math.min(end, Math.max(next, this.#elapsed));
      this.#wall += until - this.#elapsed;
      this.#elapsed = until;
      const due = this.#sleepers.filter((sleeper) => sleeper.due <= until);
      if (due.length === 0) return;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.due > until);
      for (const { wake } of due) wake();
      await settled();
    }
  }
}

/** Lets every promise that can go on go on. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}
