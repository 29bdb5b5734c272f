import type { ServerName, ServiceName, System } from '../journeys/system.ts';
import { SERVICES } from '../journeys/system.ts';
import { pause } from '../wire/shop.ts';
import type { Random } from './random.ts';
import type { Tally } from './tally.ts';

type Target = ServiceName | ServerName;
type Kind = 'kill' | 'pause';

/** How often each is hit: where money and stock move most, where a restart costs a minute of two cores least. */
const TARGETS: Readonly<Record<Target, number>> = {
  ...{ order: 8, inventory: 6, payment: 6, storefront: 4, search: 1 },
  ...{ 'db-a': 4, 'db-b': 4, etcd: 2, redis: 1, kafka: 1, elasticsearch: 0.5 },
};
const KINDS: Readonly<Record<Kind, number>> = { kill: 1, pause: 1 };
/** Faults at the same time. */
const FAULTS_MOST = 2;
const CALM = { leastMs: 300, mostMs: 5000 };
/** How long a killed process stays away. */
const AWAY = { leastMs: 100, mostMs: 5000 };
const PAUSED = { leastMs: 1000, mostMs: 20_000 };
/** Starts of one process that may fail in a row, as while a server that it needs is away. */
const STARTS_MOST = 20;
const START_PAUSE_MS = 1000;
/** How often a patient fault looks whether it is to end early. */
const LOOK_MS = 100;

/** Kills, stops and starts the processes of a system until it is told to end; then everything runs again. */
export class Faults {
  readonly #system: System;
  readonly #random: Random;
  readonly #tally: Tally;
  readonly #say: (line: string) => void;
  readonly #hit = new Map<Target, Promise<void>>();
  #ending = false;

  constructor(system: System, random: Random, tally: Tally, say: (line: string) => void) {
    this.#system = system;
    this.#random = random;
    this.#tally = tally;
    this.#say = say;
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
    if (this.#hit.has(name as Target)) return;
    this.#hold(name as Target, this.#start(name as Target));
  }

  #begin(): void {
    const target = this.#random.weighted(TARGETS);
    const kind = this.#random.weighted(KINDS);
    const { leastMs, mostMs } = kind === 'kill' ? AWAY : PAUSED;
    const ms = this.#random.between(leastMs, mostMs);
    if (this.#hit.has(target)) return;
    this.#tally.count(`fault: ${kind}`, target);
    this.#say(`${kind} ${target} for ${(ms / 1000).toFixed(1)} s`);
    this.#hold(target, kind === 'kill' ? this.#kill(target, ms) : this.#pause(target, ms));
  }

  #hold(target: Target, fault: Promise<void>): void {
    this.#hit.set(
      target,
      fault.finally(() => this.#hit.delete(target)),
    );
  }

  async #kill(target: Target, ms: number): Promise<void> {
    await (isService(target) ? this.#system.killService(target) : this.#system.killServer(target));
    await this.#patience(ms, () => !this.#ending);
    await this.#start(target);
  }

  async #pause(target: Target, ms: number): Promise<void> {
    await this.#system.signal(target, 'SIGSTOP');
    await this.#patience(ms, () => !this.#ending);
    await this.#system.signal(target, 'SIGCONT');
  }

  async #start(target: Target): Promise<void> {
    for (let start = 1; ; start++) {
      try {
        return await (isService(target) ? this.#system.startService(target) : this.#system.startServer(target));
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

function isService(target: Target): target is ServiceName {
  return SERVICES.some((each) => each === target);
}
