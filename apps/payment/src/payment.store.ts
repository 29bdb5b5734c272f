import { invariant, Refusal } from '@tradewind/errors';
import type { Currency, Money } from '@tradewind/money';
import { requireSlots, type Shard, type Shards, type Tx } from '@tradewind/mysql';
import { orderSlot, type Slot } from '@tradewind/sharding';
import type { Action, Phase } from '@tradewind/tcc';
import type { AccountKey } from './ledger.ts';
import { freezeMoney, postTransfer, thawMoney } from './ledger.store.ts';
import { type Branch, type BranchKey, conflict, repeatedTry, resolutionStep } from './payment.ts';

/** Rounds lost to other messages about the same branch before the caller is told to come again. */
const ROUNDS_MOST = 5;
/** A tombstone holds no money of any currency; ISO 4217 has a code for that. */
const NO_MONEY = { amount: 0, currency: 'XXX' } as const;

/** Another message moved the branch between our reading and our writing. Nothing was written. */
class BranchMoved extends Error {
  override readonly name = 'BranchMoved';
}

/** Runs `work` in one fenced transaction in a user's slot, again from the start when another message came in between. */
export async function inUserSlot<T>(
  shards: Shards,
  userId: string,
  work: (tx: Tx, slot: Slot) => Promise<T>,
): Promise<T> {
  const slot = orderSlot(userId);
  const { shard, epoch } = shards.at(slot);
  for (let round = 1; ; round++) {
    try {
      return await shard.transaction(async (tx) => {
        await requireSlots(tx, [slot], epoch);
        return work(tx, slot);
      });
    } catch (error) {
      if (!(error instanceof BranchMoved)) throw error;
      if (round === ROUNDS_MOST) throw new Refusal('unavailable', { detail: 'this payment is busy', retryAfter: 1 });
    }
  }
}

/**
 * Freezes the amount in the user's wallet, once.
 * @throws Refusal `balance-short`, `branch-conflict`
 */
export async function tryBranch(
  tx: Tx,
  slot: Slot,
  { amount, askAt, at, ...key }: BranchKey & { amount: Money; askAt: Date; at: Date },
): Promise<void> {
  if (!(await insertBranch(tx, slot, { ...key, money: amount, phase: 'tried', askAt, at }))) {
    const branch = await readBranch(tx, slot, key);
    invariant(branch !== undefined, `the branch of order ${key.orderId} is there and is not`);
    return repeatedTry(key, amount, branch);
  }
  const account = { slot, kind: 'wallet', ownerId: key.userId, currency: amount.currency } as const;
  if (!(await freezeMoney(tx, account, amount.amount))) throw new Refusal('balance-short');
}

/**
 * Captures what was frozen, thaws it, or gives a captured payment back. Cancelling what was never tried leaves a tombstone, so that the
 * late try finds the door shut.
 * @throws Refusal `branch-conflict` that says what is wrong
 */
export async function resolveBranch(
  tx: Tx,
  slot: Slot,
  { action, at, ...key }: BranchKey & { action: Exclude<Action, 'try'>; at: Date },
): Promise<void> {
  // A row that is there already is locked by this; a fresh tombstone is read back as `voided` and skipped.
  if (action === 'cancel') await insertBranch(tx, slot, { ...key, money: NO_MONEY, phase: 'voided', askAt: null, at });
  const branch = await readBranch(tx, slot, key);
  const step = resolutionStep(key, branch, action);
  if (step.kind !== 'run') return;
  invariant(branch !== undefined, `a ${action} runs on no branch`);
  if (!(await movePhase(tx, slot, { ...key, from: branch.phase, to: step.next, at }))) throw new BranchMoved();
  await carryOut(tx, slot, { ...key, action, branch, at });
}

async function carryOut(
  tx: Tx,
  slot: Slot,
  { action, branch, at, ...key }: BranchKey & { action: Exclude<Action, 'try'>; branch: Branch; at: Date },
): Promise<void> {
  const { orderId, userId } = key;
  const { amount, currency } = branch;
  if (action === 'cancel') {
    const account: AccountKey = { slot, kind: 'wallet', ownerId: userId, currency };
    const isThawed = await thawMoney(tx, account, amount);
    invariant(isThawed, `order ${orderId}: the wallet has less frozen than its branch`);
    return;
  }
  const cause = action === 'confirm' ? 'capture' : 'return';
  const notPosted = await postTransfer(tx, { slot, transferId: orderId, cause, userId, currency, amount }, at);
  if (notPosted === 'posted-before') throw conflict(key, `another attempt has the ${cause} of this order`);
  invariant(notPosted === undefined, `order ${orderId}: its ${cause} can't be posted (${notPosted})`);
}

/** Branches whose time to ask has come, the longest waiting first. */
export async function dueBranches(shard: Shard, now: Date, limit: number): Promise<BranchKey[]> {
  return shard.read<BranchKey>(
    `SELECT order_id AS orderId, attempt, user_id AS userId FROM payment_branch
     WHERE ask_at <= ? ORDER BY ask_at LIMIT ${Math.trunc(limit)}`,
    [now],
  );
}

/** Sets when this branch asks next; one that was resolved meanwhile asks no more. */
export async function postponeBranch(
  tx: Tx,
  slot: Slot,
  { orderId, attempt, askAt, at }: BranchKey & { askAt: Date; at: Date },
): Promise<void> {
  await tx.run(
    `UPDATE payment_branch SET ask_at = ?, updated_at = ? WHERE slot = ? AND order_id = ? AND attempt = ? AND phase = 'tried'`,
    [askAt, at, slot, orderId, attempt],
  );
}

interface NewBranch extends BranchKey {
  readonly money: { readonly amount: number; readonly currency: Currency | 'XXX' };
  readonly phase: Phase;
  readonly askAt: Date | null;
  readonly at: Date;
}

/** @returns whether it was inserted; a branch that was there is left as it is, and locked */
async function insertBranch(
  tx: Tx,
  slot: Slot,
  { orderId, attempt, userId, money, phase, askAt, at }: NewBranch,
): Promise<boolean> {
  const inserted = await tx.run(
    `INSERT INTO payment_branch (slot, order_id, attempt, user_id, currency, amount, phase, ask_at, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE order_id = order_id`,
    [slot, orderId, attempt, userId, money.currency, money.amount, phase, askAt, at, at],
  );
  return inserted > 0;
}

/** A plain read: what it shows is acted on only by compare-and-set, or while the insert before it holds the row. */
async function readBranch(tx: Tx, slot: Slot, { orderId, attempt }: BranchKey): Promise<Branch | undefined> {
  const [row] = await tx.rows<Omit<Branch, 'amount'> & { amount: string }>(
    'SELECT user_id AS userId, phase, amount, currency FROM payment_branch WHERE slot = ? AND order_id = ? AND attempt = ?',
    [slot, orderId, attempt],
  );
  return row && { ...row, amount: Number(row.amount) };
}

async function movePhase(
  tx: Tx,
  slot: Slot,
  { orderId, attempt, from, to, at }: BranchKey & { from: Phase; to: Phase; at: Date },
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE payment_branch SET phase = ?, ask_at = NULL, updated_at = ?
     WHERE slot = ? AND order_id = ? AND attempt = ? AND phase = ?`,
    [to, at, slot, orderId, attempt, from],
  );
  return changed === 1;
}
