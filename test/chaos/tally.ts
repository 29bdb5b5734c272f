/** Counts what happened, and how long it took. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();
  #longestMs = 0;
  #longest = '';

  count(group: string, outcome: string): void {
    const outcomes = this.#counts.get(group) ?? new Map<string, number>();
    this.#counts.set(group, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
  }

  /** Notes how long a client had to insist. */
  waited(what: string, ms: number): void {
    if (ms <= this.#longestMs) return;
    this.#longestMs = ms;
    this.#longest = what;
  }

  lines(): string[] {
    const groups = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const rows = groups.map(([group, outcomes]) => {
      const each = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([outcome, count]) => `${outcome} ${count}`);
      return `  ${group.padEnd(24)}${each.join(', ')}`;
    });
    return [...rows, `  ${'longest insistence'.padEnd(24)}${(this.#longestMs / 1000).toFixed(1)} s (${this.#longest})`];
  }
}
