import { Refusal } from '@tradewind/errors';
import type { Shard } from '@tradewind/mysql';
import type { Log, Metrics } from '@tradewind/telemetry';
import { Loop } from '@tradewind/time';
import type { OrderActions } from '../order-actions.ts';

const PAUSE_MS = 500;
const BATCH_MOST = 100;

/**
 * Cancels the orders of one shard whose time to pay is over. One process does it at a time (whoever holds the shard's duty), but two would do
 * no harm: the change is a compare-and-set, and so a payment that comes at the same moment either wins or is given back.
 */
export class ExpireOrders {
  readonly #shard: Shard;
  readonly #actions: OrderActions;
  readonly #duty: { isHeld(): boolean };
  readonly #metrics: Metrics;
  readonly #loop: Loop;

  constructor(
    shard: Shard,
    actions: OrderActions,
    duty: { isHeld(): boolean },
    { log, metrics }: { log: Log; metrics: Metrics },
  ) {
    this.#shard = shard;
    this.#actions = actions;
    this.#duty = duty;
    this.#metrics = metrics;
    this.#loop = new Loop(
      PAUSE_MS,
      () => this.round(),
      (error) => log.warn({ err: error, shard: shard.name }, 'expiring orders failed'),
    );
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async round(): Promise<void> {
    if (!this.#duty.isHeld()) return;
    const due = await this.#shard.read<{ order_id: string }>(
      `SELECT order_id FROM orders WHERE expires_at <= ? ORDER BY expires_at LIMIT ${BATCH_MOST}`,
      [new Date()],
    );
    for (const { order_id: orderId } of due) await this.#expire(orderId);
    if (due.length === BATCH_MOST) this.#loop.nudge();
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
