import { invariant, Refusal } from '@tradewind/errors';
import { type Currency, type Money, money } from '@tradewind/money';
import { marks, requireSlots, type Shard, type SqlValue, type Tx } from '@tradewind/mysql';
import { asSlot } from '@tradewind/sharding';
import type { Action, Phase } from '@tradewind/tcc';
import { type Branch, canBeHeld, conflict, type Line, repeatedTry, resolutionStep } from './stock.ts';
import { applyEffect, keysOf, WANTED } from './stock.store.ts';

/** Rounds lost to other messages about the same branches before the caller is told to come again. */
const ROUNDS_MOST = 5;

/** Another message moved a branch between our reading and our writing. Nothing was written. */
class BranchMoved extends Error {
  override readonly name = 'BranchMoved';
}

/** A message about one order's branches. */
export interface BranchMessage {
  readonly orderId: string;
  /** When it is handled. */
  readonly at: Date;
}

/** What a try answers for each line: as the catalogue was in the try's own transaction. */
export interface PricedLine {
  readonly productId: string;
  readonly name: string;
  readonly unitPrice: Money;
}

/** A branch whose coordinator is silent. */
export interface DueBranch extends Line {
  readonly orderId: string;
}

/** Runs `work` on these lines of one shard in one fenced transaction, again from the start when another message came in between. */
export async function onLines<T>(
  { shard, epoch }: { shard: Shard; epoch: number },
  lines: readonly Line[],
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const slots = lines.map((line) => line.slot);
  for (let round = 1; ; round++) {
    try {
      return await shard.transaction(async (tx) => {
        await requireSlots(tx, slots, epoch);
        return work(tx);
      });
    } catch (error) {
      if (!(error instanceof BranchMoved)) throw error;
      if (round === ROUNDS_MOST) throw new Refusal('unavailable', { detail: 'this order is busy', retryAfter: 1 });
    }
  }
}

/**
 * Freezes every line or none. What was tried before stays as it is.
 * @param lines as `orderedLines` gives them
 * @returns names and prices, and whether this call froze anything
 * @throws Refusal `product-unknown` or `stock-short`, each naming every product it is about, or `branch-conflict`
 */
export async function tryBranches(
  tx: Tx,
  { orderId, at, askAt }: BranchMessage & { askAt: Date },
  lines: readonly Line[],
): Promise<{ priced: PricedLine[]; isFresh: boolean }> {
  const found = await readTryRows(tx, orderId, lines);
  const unknown = lines.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0) throw refuse('product-unknown', unknown);
  const fresh: Line[] = [];
  for (const [index, line] of lines.entries()) {
    const { branch } = found[index]!;
    if (branch === undefined) fresh.push(line);
    else repeatedTry(line, branch);
  }
  const hopeless = fresh.filter((line) => line.quantity > found[lines.indexOf(line)]!.available);
  if (hopeless.length > 0) throw refuse('stock-short', hopeless);
  if (fresh.length > 0) await freeze(tx, { orderId, at, askAt }, fresh);
  return { priced: found.map((row) => row!.priced), isFresh: fresh.length > 0 };
}

async function freeze(
  tx: Tx,
  { orderId, at, askAt }: BranchMessage & { askAt: Date },
  lines: readonly Line[],
): Promise<void> {
  if ((await insertBranches(tx, { orderId, at, askAt, phase: 'tried' }, lines)) < lines.length) throw new BranchMoved();
  const short: Line[] = [];
  for (const line of lines) if (!(await applyEffect(tx, line, 'try'))) short.push(line);
  if (short.length > 0) throw refuse('stock-short', short);
}

/**
 * Confirms, cancels or returns the branches of these lines, all or none. Cancelling what was never tried leaves a tombstone, so that the late
 * try finds the door shut.
 * @throws Refusal `branch-conflict` that names the product and what is wrong with it
 */
export async function resolveBranches(
  tx: Tx,
  { orderId, at, action }: BranchMessage & { action: Exclude<Action, 'try'> },
  lines: readonly Line[],
): Promise<void> {
  if (action === 'cancel') {
    const never = lines.find((line) => !canBeHeld(line));
    if (never) throw conflict(`product ${never.productId}: ${never.quantity} is beyond what can be tried`);
    // Rows that are there already are locked by this; a fresh tombstone is read back as `voided` and skipped.
    await insertBranches(tx, { orderId, at, askAt: null, phase: 'voided' }, lines);
  }
  const branches = await readBranches(tx, orderId, lines);
  const running: Line[] = [];
  for (const [index, line] of lines.entries()) {
    const branch = branches[index];
    const step = resolutionStep(line, branch, action);
    if (step.kind !== 'run') continue;
    invariant(branch !== undefined, `a ${action} runs on no branch`);
    if (!(await movePhase(tx, { orderId, at }, line, { from: branch.phase, to: step.next }))) throw new BranchMoved();
    running.push(line);
  }
  for (const line of running) {
    const isDone = await applyEffect(tx, line, action);
    invariant(isDone, `order ${orderId}: the stock of product ${line.productId} can't follow its branch (${action})`);
  }
}

/** Branches whose time to ask has come, the longest waiting first. */
export async function dueBranches(shard: Shard, now: Date, limit: number): Promise<DueBranch[]> {
  const rows = await shard.read<{ slot: number; orderId: string; productId: string; quantity: number }>(
    `SELECT slot, order_id AS orderId, product_id AS productId, quantity FROM stock_branch
     WHERE ask_at <= ? ORDER BY ask_at LIMIT ${Math.trunc(limit)}`,
    [now],
  );
  return rows.map((row) => ({ ...row, slot: asSlot(row.slot) }));
}

/** Sets when these branches ask next; one that was resolved meanwhile asks no more. */
export async function postponeBranches(
  tx: Tx,
  { orderId, at, askAt }: BranchMessage & { askAt: Date },
  lines: readonly Line[],
): Promise<void> {
  for (const { slot, productId } of lines) {
    await tx.run(
      `UPDATE stock_branch SET ask_at = ?, updated_at = ? WHERE slot = ? AND order_id = ? AND product_id = ? AND phase = 'tried'`,
      [askAt, at, slot, orderId, productId],
    );
  }
}

interface TryRow {
  readonly priced: PricedLine;
  readonly available: number;
  readonly branch: Branch | undefined;
}

/** @returns one entry a line, undefined where the product is unknown */
async function readTryRows(tx: Tx, orderId: string, lines: readonly Line[]): Promise<(TryRow | undefined)[]> {
  const rows = await tx.rows<{
    n: number | string;
    name: string;
    price: string;
    currency: Currency;
    available: string;
    phase: Phase | null;
    quantity: number;
  }>(
    `SELECT wanted.n, name, price, currency, available, phase, quantity FROM ${WANTED}
     STRAIGHT_JOIN product ON product.slot = wanted.slot AND product.product_id = wanted.id
     STRAIGHT_JOIN stock ON stock.slot = wanted.slot AND stock.product_id = wanted.id
     LEFT JOIN stock_branch AS branch
       ON branch.slot = wanted.slot AND branch.order_id = CAST(? AS UNSIGNED) AND branch.product_id = wanted.id`,
    [keysOf(lines), orderId],
  );
  const found: (TryRow | undefined)[] = lines.map(() => undefined);
  for (const { n, name, price, currency, available, phase, quantity } of rows) {
    const { productId } = lines[Number(n) - 1]!;
    found[Number(n) - 1] = {
      priced: { productId, name, unitPrice: money(Number(price), currency) },
      available: Number(available),
      branch: phase === null ? undefined : { phase, quantity },
    };
  }
  return found;
}

/** A plain read: what it shows is acted on only by compare-and-set, or while the insert before it holds the rows. */
async function readBranches(tx: Tx, orderId: string, lines: readonly Line[]): Promise<(Branch | undefined)[]> {
  const rows = await tx.rows<{ n: number | string } & Branch>(
    `SELECT wanted.n, phase, quantity FROM ${WANTED} STRAIGHT_JOIN stock_branch AS branch
       ON branch.slot = wanted.slot AND branch.order_id = CAST(? AS UNSIGNED) AND branch.product_id = wanted.id`,
    [keysOf(lines), orderId],
  );
  const found: (Branch | undefined)[] = lines.map(() => undefined);
  for (const { n, phase, quantity } of rows) found[Number(n) - 1] = { phase, quantity };
  return found;
}

/** @returns how many were inserted; those that were there are left as they are, and locked. */
async function insertBranches(
  tx: Tx,
  { orderId, at, askAt, phase }: BranchMessage & { askAt: Date | null; phase: Phase },
  lines: readonly Line[],
): Promise<number> {
  return tx.run(
    `INSERT INTO stock_branch (slot, order_id, product_id, quantity, phase, ask_at, created_at, updated_at)
     VALUES ${marks(lines.length, 8)} ON DUPLICATE KEY UPDATE order_id = order_id`,
    lines.flatMap((line): SqlValue[] => [line.slot, orderId, line.productId, line.quantity, phase, askAt, at, at]),
  );
}

async function movePhase(
  tx: Tx,
  { orderId, at }: BranchMessage,
  line: Line,
  { from, to }: { from: Phase; to: Phase },
): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE stock_branch SET phase = ?, ask_at = NULL, updated_at = ? WHERE slot = ? AND order_id = ? AND product_id = ? AND phase = ?`,
    [to, at, line.slot, orderId, line.productId, from],
  );
  return changed === 1;
}

function refuse(code: 'product-unknown' | 'stock-short', lines: readonly Line[]): Refusal {
  return new Refusal(code, { products: lines.map((line) => line.productId) });
}
