import type { Log, Metrics } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import type { OutboxStore } from './ports.ts';

export interface StatsReportOptions {
  readonly shard: string;
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly everyMs: number;
}

/** Counting the table takes longer the more waits in it; it may take this share of the time at most. */
const COUNTING_SHARE_MOST = 0.05;

/** Publishes how much waits in the table and for how long, beside the relay's loop: a slow count must not hold up a send. */
export class StatsReport {
  readonly #options: StatsReportOptions;
  #counting = false;
  #nextAt = 0;

  constructor(options: StatsReportOptions) {
    this.#options = options;
  }

  async publishIfDue(): Promise<void> {
    const { clock, store, everyMs, log, shard } = this.#options;
    const start = clock.elapsed();
    if (this.#counting || start < this.#nextAt) return;
    this.#counting = true;
    try {
      const { rows, parked, oldestAgeMs } = await store.stats();
      this.#publish(rows, parked, oldestAgeMs);
    } catch (error) {
      log.warn({ err: error, shard }, 'outbox could not be counted');
    }
    const end = clock.elapsed();
    this.#nextAt = end + Math.max(everyMs, (end - start) / COUNTING_SHARE_MOST);
    this.#counting = false;
  }

  /** Without the duty this process knows nothing; the holder of the duty publishes, and a sum over processes stays right. */
  withdraw(): void {
    this.#publish(0, 0, 0);
  }

  #publish(rows: number, parked: number, oldestAgeMs: number): void {
    const { metrics, shard } = this.#options;
    metrics.gauge('tradewind_outbox_rows', rows, { shard });
    metrics.gauge('tradewind_outbox_parked', parked, { shard });
    metrics.gauge('tradewind_outbox_lag_seconds', oldestAgeMs / 1000, { shard });
  }
}
