/**
 * The last version of each aggregate that this relay saw through (acknowledged or parked), for the most recent ones. A `Map` iterates in the order of
 * insertion, so that re-inserting makes it an LRU.
 */
export class SentVersions {
  readonly #most: number;
  readonly #versions = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get(aggregateId: string): number | undefined {
    return this.#versions.get(aggregateId);
  }

  /** Never goes back: a replayed old event doesn't make the newer ones unsent. */
  set(aggregateId: string, version: number): void {
    const before = this.#versions.get(aggregateId) ?? 0;
    this.#versions.delete(aggregateId);
    this.#versions.set(aggregateId, Math.max(before, version));
    if (this.#versions.size <= this.#most) return;
    for (const oldest of this.#versions.keys()) {
      this.#versions.delete(oldest);
      return;
    }
  }

  clear(): void {
    this.#versions.clear();
  }
}
