import { Refusal } from '@tradewind/errors';
import type { Shard } from '@tradewind/mysql';
import type { Log, Metrics } from '@tradewind/telemetry';
import { type Clock, Loop } from '@tradewind/time';
import type { OrderActions } from '../order-actions.ts';

const PAUSE_MS = 500;
const BATCH_MOST = 100;
/** Orders that are cancelled at once: no more than a shard's pool has connections to spare. */
const PARALLEL_MOST = 8;

/**
 * Cancels the orders of one shard whose time to pay is over. One process does it at a time (whoever holds the shard's duty), but two would do
 * no harm: the change is a compare-and-set, and so a payment that comes at the same moment either wins or is given back.
 */
export class ExpireOrders {
  readonly #shard: Shard;
  readonly #actions: OrderActions;
  readonly #duty: { isHeld(): boolean };
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #loop: Loop;

  constructor(
    shard: Shard,
    actions: OrderActions,
    duty: { isHeld(): boolean },
    { log, metrics, clock }: { log: Log; metrics: Metrics; clock: Clock },
  ) {
    this.#shard = shard;
    this.#actions = actions;
    this.#duty = duty;
    this.#log = log;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#loop = new Loop(
      PAUSE_MS,
      () => this.round(),
      (error) => log.warn({ err: error, shard: shard.name }, 'expiring orders failed'),
      clock,
    );
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Each by itself: one that can't be cancelled now does not keep those behind it from giving their stock back. */
  async round(): Promise<void> {
    if (!this.#duty.isHeld()) return;
    const due = await this.#shard.read<{ order_id: string }>(
      `SELECT order_id FROM orders WHERE expires_at <= ? ORDER BY expires_at LIMIT ${BATCH_MOST}`,
      [new Date(this.#clock.now())],
    );
    let failures = 0;
    for (let start = 0; start < due.length; start += PARALLEL_MOST) {
      const part = due.slice(start, start + PARALLEL_MOST);
      const ended = await Promise.allSettled(part.map(({ order_id: orderId }) => this.#expire(orderId)));
      for (const [at, each] of ended.entries()) {
        if (each.status === 'fulfilled') continue;
        failures += 1;
        this.#log.warn(
          { err: each.reason as unknown, orderId: part[at]?.order_id },
          'an order could not be expired yet',
        );
      }
    }
    if (due.length === BATCH_MOST && failures === 0) this.#loop.nudge();
  }

  async #expire(orderId: string): Promise<void> {
    try {
      await this.#actions.change({ change: 'expire', orderId, actor: 'system' });
      this.#metrics.count('tradewind_orders_expired_total');
    } catch (error) {
      // Paid or cancelled between our look and our change: nothing to expire.
      if (!(error instanceof Refusal) || error.code !== 'order-not-cancellable') throw error;
    }
  }
}
