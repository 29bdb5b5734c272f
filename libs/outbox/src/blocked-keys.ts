import { backoffMs, type BackoffLimits } from '@tradewind/time';
import type { AggregateRef } from './event.ts';

interface Block extends AggregateRef {
  readonly attempts: number;
  readonly dueAt: number;
}

/** The keys that failed, each with its own back-off. Only names are kept: what to send is read from the table when the time comes. */
export class BlockedKeys {
  readonly #retry: BackoffLimits;
  readonly #random: () => number;
  readonly #blocks = new Map<string, Block>();

  constructor(retry: BackoffLimits, random: () => number) {
    this.#retry = retry;
    this.#random = random;
  }

  get size(): number {
    return this.#blocks.size;
  }

  has(aggregateId: string): boolean {
    return this.#blocks.has(aggregateId);
  }

  /** @param now elapsed ms. */
  block({ slot, aggregateId }: AggregateRef, now: number): void {
    const before = this.#blocks.get(aggregateId);
    // Several events of the key failed in one send: that is one failure.
    if (before !== undefined && before.dueAt > now) return;
    const attempts = (before?.attempts ?? 0) + 1;
    const dueAt = now + backoffMs(attempts, this.#retry, this.#random);
    this.#blocks.set(aggregateId, { slot, aggregateId, attempts, dueAt });
  }

  /** @returns whether the key was blocked. */
  unblock(aggregateId: string): boolean {
    return this.#blocks.delete(aggregateId);
  }

  due(now: number, limit: number): AggregateRef[] {
    const due: AggregateRef[] = [];
    for (const block of this.#blocks.values()) {
      if (block.dueAt <= now) due.push(block);
      if (due.length === limit) break;
    }
    return due;
  }

  /** Elapsed ms at which the next key is due; Infinity when none is blocked. */
  nextDueAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const block of this.#blocks.values()) next = Math.min(next, block.dueAt);
    return next;
  }

  clear(): void {
    this.#blocks.clear();
  }
}
