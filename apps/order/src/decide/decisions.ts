import type { DecisionAnswer, DecisionAsk, RefusedResult } from '@tradewind/contracts';
import { OutcomeUnknown } from '@tradewind/errors';
import { slotOfId } from '@tradewind/ids';
import { requireSlots, type Shards, type Tx } from '@tradewind/mysql';
import { answerBatch } from '@tradewind/nest';
import type { Log } from '@tradewind/telemetry';
import type { Clock } from '@tradewind/time';
import { VOID } from '../order.reads.ts';
import { closeAttempt, voidOrder } from '../order.store.ts';

/** When to ask again about a decision that is being carried out, or an order that is about to expire. */
const SOON_MS = 1000;
/** How long one ask may take before its batch goes on without it; the asker, whose own deadline is 5 s, asks again. */
const ASK_MS = 1500;
/** Rounds of looking and closing, each lost to another writer, after which the asker is told to come again. */
const ROUNDS_MOST = 3;

interface OrderState {
  readonly status: string;
  readonly pay_attempt: number;
  readonly expires_at: Date | null;
  readonly unresolved: number | string;
}

/**
 * Answers a participant that heard nothing: what was decided for its branch? The order's row is the coordinator's log, and the asking
 * itself closes what is open: an order that was never inserted is voided, a payment attempt that was not decided is closed. From then on a
 * coordinator that wakes up late can't decide otherwise, so `cancel` is true for ever.
 */
export class Decisions {
  readonly #shards: Shards;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor({ shards, clock, log }: { shards: Shards; clock: Clock; log: Log }) {
    this.#shards = shards;
    this.#clock = clock;
    this.#log = log;
  }

  /** Each by itself: a shard that hangs keeps no branch of another shard from its answer. */
  decideAll(asks: readonly DecisionAsk[]): Promise<{ results: (DecisionAnswer | RefusedResult)[] }> {
    const work = (ask: DecisionAsk): Promise<DecisionAnswer> => inTime(this.decide(ask), ask.orderId);
    return answerBatch(asks, work, { log: this.#log, keyOf: (ask) => ask.orderId });
  }

  /** @throws Refusal `unavailable`; OutcomeUnknown: ask again */
  async decide(ask: DecisionAsk): Promise<DecisionAnswer> {
    const slot = slotOfId(ask.orderId);
    const { shard, epoch } = this.#shards.at(slot);
    return shard.transaction(async (tx) => {
      await requireSlots(tx, [slot], epoch);
      return settle(tx, slot, ask, this.#clock);
    });
  }
}

async function settle(tx: Tx, slot: number, ask: DecisionAsk, clock: Clock): Promise<DecisionAnswer> {
  for (let round = 1; round <= ROUNDS_MOST; round++) {
    const state = await look(tx, slot, ask.orderId);
    if (state === undefined) {
      if (await voidOrder(tx, slot, ask.orderId, new Date(clock.now()))) return cancel;
      continue;
    }
    const answer =
      ask.participant === 'stock' ? aboutStock(state, clock.now()) : aboutPayment(state, ask.attempt, clock.now());
    if (answer !== 'close-attempt') return answer;
    if (ask.participant === 'payment' && (await closeAttempt(tx, slot, ask.orderId, ask.attempt))) return cancel;
  }
  return soon(clock.now());
}

async function look(tx: Tx, slot: number, orderId: string): Promise<OrderState | undefined> {
  const [state] = await tx.rows<OrderState>(
    `SELECT status, pay_attempt, expires_at,
            (SELECT COUNT(*) FROM tcc_resolution r WHERE r.slot = o.slot AND r.order_id = o.order_id) AS unresolved
     FROM orders o WHERE slot = ? AND order_id = ?`,
    [slot, orderId],
  );
  return state;
}

/** What the frozen stock of an order is waiting for at `now`, ms. */
function aboutStock({ status, expires_at, unresolved }: OrderState, now: number): DecisionAnswer {
  if (status === VOID) return cancel;
  if (status === 'PENDING_PAYMENT') return waitUntil(expires_at, now);
  // The resolver has the word, in the order of the versions: a paid and then cancelled order is confirmed first and returned after.
  if (Number(unresolved) > 0) return soon(now);
  return status === 'CANCELLED' ? cancel : { ok: true, decision: 'confirm' };
}

/** What the frozen money of one attempt is waiting for at `now`, ms. */
function aboutPayment(
  { status, pay_attempt, unresolved }: OrderState,
  attempt: number,
  now: number,
): DecisionAnswer | 'close-attempt' {
  if (status === VOID || attempt < pay_attempt) return cancel;
  if (status === 'PENDING_PAYMENT') return 'close-attempt';
  if (Number(unresolved) > 0) return soon(now);
  return status === 'CANCELLED' ? cancel : { ok: true, decision: 'confirm' };
}

const cancel: DecisionAnswer = { ok: true, decision: 'cancel' };

function soon(now: number): DecisionAnswer {
  return { ok: true, decision: 'wait', askAt: new Date(now + SOON_MS).toISOString() };
}

/** An order that waits will have been paid or expired soon after its time is over. */
function waitUntil(expiresAt: Date | null, now: number): DecisionAnswer {
  const at = Math.max(expiresAt?.getTime() ?? 0, now) + SOON_MS;
  return { ok: true, decision: 'wait', askAt: new Date(at).toISOString() };
}

async function inTime<T>(answer: Promise<T>, orderId: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new OutcomeUnknown(`what is decided for order ${orderId}`)), ASK_MS);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
