import type { Idempotency, Order } from '@tradewind/contracts';
import { type ProblemCode, type ProblemDetails, PROBLEMS, Refusal } from '@tradewind/errors';
import { slotOfId } from '@tradewind/ids';
import {
  duplicateKey,
  earlierAnswer,
  type EffectKey,
  rememberAnswer,
  requireSlots,
  type Shards,
  type SqlValue,
  type Tx,
} from '@tradewind/mysql';
import type { OutboxEvent } from '@tradewind/outbox';
import type { Clock } from '@tradewind/time';
import { type ChangeName, requireAllowed, type StoredOrder } from './order.ts';
import type { OrderReads } from './order.reads.ts';
import { type Actor, changeOrder, RaceLost, type Resolution } from './order.store.ts';

/** Where what a transaction has decided goes on: to the broker and to the participants. Both take repeats; both have the table as truth. */
export interface Aftermath {
  /** Hands a committed event to the relay. */
  published(event: OutboxEvent): void;
  /** Carries a committed decision out; resolves when it is done or, at the latest, after `RESOLVE_WAIT_MS`. */
  decided(resolution: Resolution): Promise<void>;
}

/** What a change of an order is asked with. */
export interface ChangeRequest {
  readonly change: ChangeName;
  readonly orderId: string;
  readonly actor: Actor;
  /** Whose order it must be; absent for staff and the system. */
  readonly ownerId?: string;
  readonly ifMatch?: number | undefined;
  readonly effect?: EffectKey | undefined;
}

/** How often a change that lost a race is judged anew. */
const RACES_MOST = 5;

/** The answer to this key is there already: another request with it has committed between our look and our write. */
export class AnswerTaken extends Error {
  override readonly name = 'AnswerTaken';
}

/** A refusal as the answer of its key. */
interface KeptRefusal {
  readonly refused: ProblemCode;
  readonly details: ProblemDetails;
}

/** True for a no that repeating the same request can't change. */
export function isFinal(error: unknown): error is Refusal {
  return error instanceof Refusal && PROBLEMS[error.code].next !== 'wait';
}

export function effectKey(slot: number, userId: string, { key, fingerprint }: Idempotency): EffectKey {
  return { slot, userId, key, fingerprint };
}

/** What a key is answered with, of which order, when. */
export interface KeyAnswer {
  readonly orderId: string;
  readonly answer: unknown;
  readonly at: Date;
}

/**
 * Writes the answer of an effect within its transaction.
 * @throws AnswerTaken
 */
export async function remember(tx: Tx, effect: EffectKey, { orderId, answer, at }: KeyAnswer): Promise<void> {
  try {
    await rememberAnswer(tx, effect, orderId, answer, at);
  } catch (error) {
    if (duplicateKey(error) !== undefined) throw new AnswerTaken();
    throw error;
  }
}

/** Everything that acts on orders goes through here: finding them, and changing them once per key. */
export class OrderActions {
  readonly shards: Shards;
  readonly reads: OrderReads;
  readonly #aftermath: Aftermath;
  readonly #clock: Clock;
  readonly #running = new Set<string>();

  constructor(shards: Shards, reads: OrderReads, aftermath: Aftermath, clock: Clock) {
    this.shards = shards;
    this.reads = reads;
    this.#aftermath = aftermath;
    this.#clock = clock;
  }

  /** @throws Refusal `not-found` for an order that never was or is another user's */
  async require(orderId: string, ownerId?: string): Promise<StoredOrder> {
    const stored = await this.reads.find(orderId);
    if (stored === undefined || (ownerId !== undefined && stored.order.userId !== ownerId))
      throw new Refusal('not-found');
    return stored;
  }

  /** @returns the answer given earlier to this key. @throws Refusal when it was one, or when the key belongs to another request */
  async earlier<T extends object>(effect: EffectKey): Promise<T | undefined> {
    const { shard } = this.shards.at(effect.slot);
    const reads = { rows: <R>(sql: string, values?: readonly SqlValue[]) => shard.read<R>(sql, values) };
    const answer = (await earlierAnswer<T | KeptRefusal>(reads, effect))?.answer;
    if (answer !== undefined && 'refused' in answer) throw new Refusal(answer.refused, answer.details);
    return answer;
  }

  /**
   * Keeps a refusal as the answer of its key, before the client hears of it. A twin of the request that sleeps in another process, or whose commit
   * hangs on its way to the server, then trips over the key; else it would do what its client was told did not happen.
   * @param orderId of the order that the request would have made
   * @throws AnswerTaken when the twin was faster
   */
  async keepRefusal(effect: EffectKey, orderId: string, { code, details }: Refusal): Promise<void> {
    const { shard, epoch } = this.shards.at(effect.slot);
    const kept: KeptRefusal = { refused: code, details };
    await shard.transaction(async (tx) => {
      await requireSlots(tx, [effect.slot], epoch);
      await remember(tx, effect, { orderId, answer: kept, at: new Date(this.#clock.now()) });
    });
  }

  /**
   * Runs `work` unless its key was answered before, or is being worked on in this process right now. (In another process it may be: then
   * the key's row decides who was first, and the other replays.)
   */
  async once<T extends object>(effect: EffectKey, work: () => Promise<T>): Promise<T> {
    const running = `${effect.userId}:${effect.key}`;
    const earlier = await this.earlier<T>(effect);
    if (earlier !== undefined) return earlier;
    if (this.#running.has(running)) throw new Refusal('request-running', { retryAfter: 1 });
    this.#running.add(running);
    try {
      return await work();
    } catch (error) {
      // A twin in another process may have been faster, or our own commit went through although its answer was lost.
      const twin = await this.earlier<T>(effect).catch((other: unknown) => {
        if (isFinal(other)) throw other;
      });
      if (twin !== undefined) return twin;
      throw error instanceof AnswerTaken ? notReadable() : error;
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * Makes a change that the order's status alone allows or refuses. A race that is lost is judged anew.
   * @throws Refusal
   */
  async change(request: ChangeRequest): Promise<Order> {
    for (let race = 1; ; race++) {
      const stored = await this.require(request.orderId, request.ownerId);
      requireVersion(stored.order, request.ifMatch);
      requireAllowed(request.change, stored.order, this.#clock.now());
      try {
        return await this.commit(stored, request, (order) => order);
      } catch (error) {
        if (!(error instanceof RaceLost)) throw error;
        if (race === RACES_MOST)
          throw new Refusal('overloaded', { detail: 'the order changes too often', retryAfter: 1 });
      }
    }
  }

  /**
   * Commits one change with the answer that its key will always get, and lets the aftermath begin.
   * @throws RaceLost, AnswerTaken, Refusal; OutcomeUnknown when the commit itself was cut off
   */
  async commit<T>(
    stored: StoredOrder,
    { change, actor, effect }: ChangeRequest,
    answer: (order: Order) => T,
  ): Promise<T> {
    const { shard, epoch } = this.shards.at(stored.slot);
    const done = await shard.transaction(async (tx) => {
      await requireSlots(tx, [stored.slot], epoch);
      const at = new Date(this.#clock.now());
      const next = await changeOrder(tx, stored, change, { actor, at });
      const given = answer(next.order);
      if (effect) await remember(tx, effect, { orderId: next.order.orderId, answer: given, at });
      return { ...next, given };
    });
    this.#aftermath.published(done.event);
    if (done.resolution) await this.#aftermath.decided(done.resolution);
    return done.given;
  }

  /** After the commit of a new order. */
  published(event: OutboxEvent): void {
    this.#aftermath.published(event);
  }
}

/** @throws Refusal `version-stale` when the client has read another version */
export function requireVersion(order: Order, ifMatch: number | undefined): void {
  if (ifMatch !== undefined && ifMatch !== order.version)
    throw new Refusal('version-stale', { version: order.version });
}

/** The effect of a change that a user or a staff member asked for, in the order's slot. */
export function changeEffect(
  orderId: string,
  userId: string,
  idempotency: Idempotency | undefined,
): EffectKey | undefined {
  return idempotency && effectKey(slotOfId(orderId), userId, idempotency);
}

function notReadable(): Refusal {
  return new Refusal('unavailable', { detail: 'the first answer to this key is not readable yet', retryAfter: 1 });
}
