import type { DecisionAnswer, DecisionAsk, RefusedResult } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import { slotOfId } from '@tradewind/ids';
import { requireSlots, type Shards, type Tx } from '@tradewind/mysql';
import { VOID } from '../order.reads.ts';
import { closeAttempt, voidOrder } from '../order.store.ts';

/** When to ask again about a decision that is being carried out, or an order that is about to expire. */
const SOON_MS = 1000;
/** Rounds of looking and closing, each lost to another writer, after which the asker is told to come again. */
const ROUNDS_MOST = 3;

interface OrderState {
  readonly status: string;
  readonly pay_attempt: number;
  readonly expires_at: Date | null;
  readonly unresolved: number | string;
}

type Answer = DecisionAnswer | RefusedResult;

/**
 * Answers a participant that heard nothing: what was decided for its branch? The order's row is the coordinator's log, and the asking
 * itself closes what is open: an order that was never inserted is voided, a payment attempt that was not decided is closed. From then on a
 * coordinator that wakes up late can't decide otherwise, so `cancel` is true for ever.
 */
export class Decisions {
  readonly #shards: Shards;

  constructor(shards: Shards) {
    this.#shards = shards;
  }

  async decide(ask: DecisionAsk): Promise<Answer> {
    try {
      const slot = slotOfId(ask.orderId);
      const { shard, epoch } = this.#shards.at(slot);
      return await shard.transaction(async (tx) => {
        await requireSlots(tx, [slot], epoch);
        return settle(tx, slot, ask);
      });
    } catch (error) {
      if (error instanceof Refusal) return { ok: false, code: error.code };
      throw error;
    }
  }
}

async function settle(tx: Tx, slot: number, ask: DecisionAsk): Promise<DecisionAnswer> {
  for (let round = 1; round <= ROUNDS_MOST; round++) {
    const state = await look(tx, slot, ask.orderId);
    if (state === undefined) {
      if (await voidOrder(tx, slot, ask.orderId, new Date())) return cancel;
      continue;
    }
    const answer = ask.participant === 'stock' ? aboutStock(state) : aboutPayment(state, ask.attempt);
    if (answer !== 'close-attempt') return answer;
    if (ask.participant === 'payment' && (await closeAttempt(tx, slot, ask.orderId, ask.attempt))) return cancel;
  }
  return soon();
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

/** What the frozen stock of an order is waiting for. */
export function aboutStock({ status, expires_at, unresolved }: OrderState): DecisionAnswer {
  if (status === VOID) return cancel;
  if (status === 'PENDING_PAYMENT') return waitUntil(expires_at);
  // The resolver has the word, in the order of the versions: a paid and then cancelled order is confirmed first and returned after.
  if (Number(unresolved) > 0) return soon();
  return status === 'CANCELLED' ? cancel : { ok: true, decision: 'confirm' };
}

/** What the frozen money of one attempt is waiting for. */
export function aboutPayment(
  { status, pay_attempt, unresolved }: OrderState,
  attempt: number,
): DecisionAnswer | 'close-attempt' {
  if (status === VOID || attempt < pay_attempt) return cancel;
  if (status === 'PENDING_PAYMENT') return 'close-attempt';
  if (Number(unresolved) > 0) return soon();
  return status === 'CANCELLED' ? cancel : { ok: true, decision: 'confirm' };
}

const cancel: DecisionAnswer = { ok: true, decision: 'cancel' };

function soon(): DecisionAnswer {
  return { ok: true, decision: 'wait', askAt: new Date(Date.now() + SOON_MS).toISOString() };
}

/** An order that waits will have been paid or expired soon after its time is over. */
function waitUntil(expiresAt: Date | null): DecisionAnswer {
  const at = Math.max(expiresAt?.getTime() ?? 0, Date.now()) + SOON_MS;
  return { ok: true, decision: 'wait', askAt: new Date(at).toISOString() };
}
