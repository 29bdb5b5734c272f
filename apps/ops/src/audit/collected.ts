import type { Findings, Offence } from './invariant.ts';

/** Offences that are remembered by name, to compare the next look with; some ten megabytes. */
const REMEMBERED_MOST = 100_000;
/** Offences that are shown with their details. */
const SHOWN_MOST = 20;

/** What one look has found; of what the look before had found too, if there was one. */
export class Collected implements Findings {
  count = 0;
  total = 0;
  readonly #before: Collected | undefined;
  readonly #onChecked: (count: number) => void;
  readonly #names = new Set<string>();
  readonly #shown: Offence[] = [];

  constructor(before: Collected | undefined, onChecked: (count: number) => void) {
    this.#before = before;
    this.#onChecked = onChecked;
  }

  checked(count = 1): void {
    this.count += count;
    this.#onChecked(this.count);
  }

  offence(key: string, rule: string, detail: string): void {
    const name = `${key} ${rule}`;
    if (this.#before !== undefined && !this.#before.knew(name)) return;
    if (this.#names.has(name)) return;
    this.total += 1;
    if (this.#names.size < REMEMBERED_MOST) this.#names.add(name);
    if (this.#shown.length < SHOWN_MOST) this.#shown.push({ key, rule, detail });
  }

  /** When there were more than could be remembered, all were: then nothing is let off for having been forgotten. */
  knew(name: string): boolean {
    return this.#names.has(name) || this.total > this.#names.size;
  }

  shown(): readonly Offence[] {
    return this.#shown;
  }
}
