import {
  type Idempotency,
  type Order,
  type PlaceBody,
  resolveStock,
  type StockTry,
  tryStock,
} from '@tradewind/contracts';
import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import { type ServiceClient, successOf } from '@tradewind/http';
import type { SnowflakeIds } from '@tradewind/ids';
import { requireSlots } from '@tradewind/mysql';
import { orderSlot } from '@tradewind/sharding';
import type { Log } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { effectKey, isFinal, type OrderActions, remember } from '../order-actions.ts';
import { newOrder, priceLines, type StoredOrder, summedItems } from '../order.ts';
import { insertOrder, OrderVoided } from '../order.store.ts';

/** A stock branch whose order was not heard of for so long asks back: longer than a placing can take, short enough to free stock soon. */
const ASK_AFTER_MS = 15_000;

export interface PlaceRequest {
  readonly userId: string;
  readonly idempotency: Idempotency;
  readonly body: PlaceBody;
}

export interface PlaceParts {
  readonly actions: OrderActions;
  readonly ids: SnowflakeIds;
  readonly inventory: ServiceClient;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an order waits for its payment. */
  readonly paymentWaitMs: number;
}

/**
 * Places an order: freeze the stock (try), then one transaction in the user's shard. That transaction is the decision: with it
 * the frozen stock belongs to an order that waits for its payment; without it nobody will ever confirm the stock, and its branch asks back
 * and is thawed. So a crash between the two leaves nothing behind that the databases can't tell.
 */
export class PlaceOrder {
  readonly #parts: PlaceParts;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
  }

  run(request: PlaceRequest): Promise<Order> {
    const effect = effectKey(orderSlot(request.userId), request.userId, request.idempotency);
    return this.#parts.actions.once(effect, async () => {
      const orderId = await this.#parts.ids.mint(effect.slot);
      try {
        return await this.#place(orderId, request, effect);
      } catch (error) {
        // Nothing but this row tells a twin with the same key, whose stock may be frozen already, that the client was told no.
        if (isFinal(error)) await this.#parts.actions.keepRefusal(effect, orderId, error);
        throw error;
      }
    });
  }

  async #place(orderId: string, { userId, body }: PlaceRequest, effect: ReturnType<typeof effectKey>): Promise<Order> {
    const items = summedItems(body.items);
    const askAt = new Date(this.#parts.clock.now() + ASK_AFTER_MS).toISOString();
    const stockTry: StockTry = { orderId, askAt, lines: items };
    const priced = await this.#freeze(stockTry);
    try {
      const { lines, total } = priceLines(items, priced);
      const order = newOrder(
        { orderId, userId, lines, total, shippingAddress: body.shippingAddress },
        new Date(this.#parts.clock.now()),
        this.#parts.paymentWaitMs,
      );
      return await this.#commit({ slot: effect.slot, order, payAttempt: 0 }, effect);
    } catch (error) {
      // An outcome that is unknown is not compensated: the order may be there.
      if (!(error instanceof OutcomeUnknown)) this.#thaw(stockTry);
      if (error instanceof OrderVoided)
        throw new Refusal('unavailable', { detail: 'placing took too long', retryAfter: 1 });
      throw error;
    }
  }

  async #freeze(stockTry: StockTry): Promise<{ productId: string; name: string; unitPrice: Order['total'] }[]> {
    const { results } = await this.#parts.inventory.call(tryStock, { items: [stockTry] });
    return successOf(results[0], 'freezing stock').lines;
  }

  async #commit(stored: StoredOrder, effect: ReturnType<typeof effectKey>): Promise<Order> {
    const { shard, epoch } = this.#parts.actions.shards.at(stored.slot);
    const event = await shard.transaction(async (tx) => {
      await requireSlots(tx, [stored.slot], epoch);
      const inserted = await insertOrder(tx, stored);
      const at = new Date(this.#parts.clock.now());
      await remember(tx, effect, { orderId: stored.order.orderId, answer: stored.order, at });
      return inserted;
    });
    this.#parts.actions.published(event);
    return stored.order;
  }

  /** Gives the stock back at once where we know that the order will never be; if this fails too, the branches ask back. */
  #thaw({ orderId, lines }: StockTry): void {
    this.#parts.inventory
      .call(resolveStock, { items: [{ orderId, action: 'cancel', lines }] })
      .catch((error: unknown) =>
        this.#parts.log.warn({ err: error, orderId }, 'thawing failed; the branches will ask back'),
      );
  }
}
