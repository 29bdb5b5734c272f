import { type Idempotency, type PaymentAnswer, resolvePayments, tryPayments } from '@tradewind/contracts';
import { OutcomeUnknown, Refusal } from '@tradewind/errors';
import { type ServiceClient, successOf } from '@tradewind/http';
import { slotOfId } from '@tradewind/ids';
import type { Log } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { AnswerTaken, effectKey, type OrderActions, requireVersion } from '../order-actions.ts';
import { isOverdue, requireAllowed, type StoredOrder } from '../order.ts';
import { RaceLost } from '../order.store.ts';

/** A payment branch that was not decided for so long asks back, which closes the attempt. */
const ASK_AFTER_MS = 15_000;
/** Attempts that were closed or overtaken under way, after which the client is told to come again. */
const ATTEMPTS_MOST = 3;

export interface PayRequest {
  readonly userId: string;
  readonly orderId: string;
  readonly idempotency: Idempotency;
  readonly ifMatch?: number | undefined;
}

export interface PayParts {
  readonly actions: OrderActions;
  readonly payment: ServiceClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Pays an order from the wallet: freeze the money (try), then change the order to PAID by compare-and-set. That commit is the decision;
 * what was frozen is captured and the stock deducted after it, for ever retried. A payment that finds the order cancelled, expired or paid
 * already gives its money back.
 *
 * The branch is named by the order and the number of the attempt. Two payers at once share one attempt, hence one branch: they can't
 * both take money. An attempt is closed (its number raised) by a branch that asks back, so a payer who slept can't win with it.
 */
export class PayOrder {
  readonly #parts: PayParts;

  constructor(parts: PayParts) {
    this.#parts = parts;
  }

  run(request: PayRequest): Promise<PaymentAnswer> {
    const effect = effectKey(slotOfId(request.orderId), request.userId, request.idempotency);
    return this.#parts.actions.once(effect, () => this.#pay(request, effect));
  }

  async #pay(request: PayRequest, effect: ReturnType<typeof effectKey>): Promise<PaymentAnswer> {
    for (let attempt = 1; attempt <= ATTEMPTS_MOST; attempt++) {
      const stored = await this.#parts.actions.require(request.orderId, request.userId);
      requireVersion(stored.order, request.ifMatch);
      const unknown: PaymentAnswer = { orderId: request.orderId, state: 'unknown', amount: stored.order.total };
      try {
        await this.#mustBePayable(stored);
        await this.#freeze(stored);
        const ask = { change: 'pay', orderId: request.orderId, actor: `user:${request.userId}`, effect } as const;
        return await this.#parts.actions.commit(stored, ask, (order) => ({ ...unknown, state: 'captured', order }));
      } catch (error) {
        if (error instanceof OutcomeUnknown) return this.#unknown(unknown, error);
        if (!(error instanceof RaceLost)) throw error;
        await this.#afterRace(stored, effect);
      }
    }
    throw new Refusal('unavailable', { detail: 'the payment was overtaken several times', retryAfter: 1 });
  }

  /**
   * A payment that comes too late closes its order before it is told so: until then one whose commit hangs on its way to the server could
   * still win, and its client would have heard no.
   * @throws Refusal; RaceLost when the order was paid or cancelled meanwhile
   */
  async #mustBePayable({ order }: StoredOrder): Promise<void> {
    const now = this.#parts.clock.now();
    if (isOverdue(order, now)) {
      const expire = { change: 'expire', orderId: order.orderId, actor: 'system' } as const;
      await this.#parts.actions.change(expire).catch((error: unknown) => {
        throw error instanceof Refusal && error.code === 'order-not-cancellable' ? new RaceLost() : error;
      });
    }
    requireAllowed('pay', order, now);
  }

  async #freeze({ order, payAttempt }: StoredOrder): Promise<void> {
    const { results } = await this.#parts.payment.call(tryPayments, {
      items: [
        {
          ...{ orderId: order.orderId, attempt: payAttempt, userId: order.userId, amount: order.total },
          askAt: new Date(this.#parts.clock.now() + ASK_AFTER_MS).toISOString(),
        },
      ],
    });
    try {
      successOf(results[0], 'freezing money');
    } catch (error) {
      // A closed attempt refuses a late try; the order's row has the next number by now.
      throw error instanceof Refusal && error.code === 'branch-conflict' ? new RaceLost() : error;
    }
  }

  /** Nothing is given back on an unknown outcome; the client repeats with the same key, or the branch asks back. */
  #unknown(answer: PaymentAnswer, error: OutcomeUnknown): PaymentAnswer {
    this.#parts.log.warn({ err: error, orderId: answer.orderId }, 'the outcome of a payment is unknown yet');
    return answer;
  }

  /**
   * The order moved on while its money was being frozen. If this very attempt won, another payer shared it: with our key it was a repeat of
   * ours, and its answer is ours. If the order was cancelled straight from waiting, the money goes back at once; in every other
   * case the branch may still be confirmed, and only its asking back may end it.
   */
  async #afterRace({ order: seen, payAttempt }: StoredOrder, effect: ReturnType<typeof effectKey>): Promise<void> {
    const { orderId, userId } = seen;
    const { order: now } = await this.#parts.actions.require(orderId);
    if (now.status === 'PENDING_PAYMENT') return;
    if ((await this.#parts.actions.earlier(effect)) !== undefined) throw new AnswerTaken();
    if (now.status !== 'CANCELLED' || now.version !== seen.version + 1) return;
    this.#parts.payment
      .call(resolvePayments, { items: [{ orderId, userId, attempt: payAttempt, action: 'cancel' }] })
      .catch((error: unknown) =>
        this.#parts.log.warn({ err: error, orderId }, 'thawing failed; the branch will ask back'),
      );
  }
}
