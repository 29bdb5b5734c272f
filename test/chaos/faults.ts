import { pause } from '../wire/shop.ts';
import type { Random } from './random.ts';
import type { Tally } from './tally.ts';

/** A process to be broken. */
export interface Hand {
  /** How often it is hit, against the others. */
  readonly weight: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
}

type Kind = 'kill' | 'pause';

const KINDS: Readonly<Record<Kind, number>> = { kill: 1, pause: 1 };
/** Faults at the same time. */
const FAULTS_MOST = 2;
const CALM = { leastMs: 300, mostMs: 5000 };
/** How long a killed process stays away. */
const AWAY = { leastMs: 100, mostMs: 5000 };
const PAUSE_LEAST_MS = 1000;
export const PAUSE_MOST_MS = 20_000;
/** Starts of one process that may fail in a row, as while a server that it needs is away. */
const STARTS_MOST = 20;
const START_PAUSE_MS = 1000;
/** How often a patient fault looks whether it is to end early. */
const LOOK_MS = 100;

/** Kills, stops and starts the processes of a system until it is told to end; then everything runs again. */
export class Faults {
  readonly #hands: Readonly<Record<string, Hand>>;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #say: (line: string) => void;
  readonly #pauseMostMs: number;
  readonly #hit = new Map<string, Promise<void>>();
  #ending = false;

  /** @param pauseMostMs how long a process may stay stopped */
  constructor(
    hands: Readonly<Record<string, Hand>>,
    random: Random,
    { tally, say, pauseMostMs }: { tally: Tally; say: (line: string) => void; pauseMostMs: number },
  ) {
    this.#hands = hands;
    this.#random = random;
    this.#tally = tally;
    this.#say = say;
    this.#pauseMostMs = pauseMostMs;
  }

  /** @returns when everything runs again after `goesOn` said no */
  async run(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      if (this.#hit.size < FAULTS_MOST) this.#begin();
      await this.#patience(this.#random.between(CALM.leastMs, CALM.mostMs), goesOn);
    }
    this.#ending = true;
    await Promise.all(this.#hit.values());
  }

  /** An end that nobody asked for: it is started again, and counts against the shop. */
  revive(name: string): void {
    this.#tally.count('ended by itself', name);
    if (this.#hit.has(name) || this.#hands[name] === undefined) return;
    this.#hold(name, this.#start(name));
  }

  #weights(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#hands).map(([name, { weight }]) => [name, weight]));
  }

  #begin(): void {
    const target = this.#random.weighted(this.#weights());
    const kind = this.#random.weighted(KINDS);
    const { leastMs, mostMs } = kind === 'kill' ? AWAY : { leastMs: PAUSE_LEAST_MS, mostMs: this.#pauseMostMs };
    const ms = this.#random.between(leastMs, mostMs);
    if (this.#hit.has(target)) return;
    this.#tally.count(`fault: ${kind}`, target);
    this.#say(`${kind} ${target} for ${(ms / 1000).toFixed(1)} s`);
    this.#hold(target, kind === 'kill' ? this.#kill(target, ms) : this.#pause(target, ms));
  }

  #hold(target: string, fault: Promise<void>): void {
    this.#hit.set(
      target,
      fault.finally(() => this.#hit.delete(target)),
    );
  }

  async #kill(target: string, ms: number): Promise<void> {
    await this.#hands[target]!.kill();
    await this.#patience(ms, () => !this.#ending);
    await this.#start(target);
  }

  async #pause(target: string, ms: number): Promise<void> {
    await this.#hands[target]!.signal('SIGSTOP');
    await this.#patience(ms, () => !this.#ending);
    await this.#hands[target]!.signal('SIGCONT');
  }

  async #start(target: string): Promise<void> {
    for (let start = 1; ; start++) {
      try {
        return await this.#hands[target]!.start();
      } catch (error) {
        if (start === STARTS_MOST) throw error;
        this.#tally.count('start failed', target);
        await pause(START_PAUSE_MS);
      }
    }
  }

  async #patience(ms: number, goesOn: () => boolean): Promise<void> {
    const end = Date.now() + ms;
    while (Date.now() < end && goesOn()) await pause(Math.min(LOOK_MS, ms));
  }
}
