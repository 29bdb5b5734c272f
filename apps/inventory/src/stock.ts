import { ON_HAND_MOST } from '@tradewind/contracts';
import { Refusal } from '@tradewind/errors';
import { productSlot, type Slot } from '@tradewind/sharding';
import { type Action, type BranchRefusal, nextStep, type Phase, type Step } from '@tradewind/tcc';

/** Units of one product; its slot comes with it because every key starts with the slot. */
export interface Line {
  readonly slot: Slot;
  readonly productId: string;
  readonly quantity: number;
}

/** What one action does to a stock row, for each unit. on_hand = available + frozen holds before and after. */
export interface Effect {
  readonly onHand: -1 | 0 | 1;
  readonly available: -1 | 0 | 1;
  readonly frozen: -1 | 0 | 1;
}

/** freeze, deduct, thaw, take back. A return may lift on_hand above `ON_HAND_MOST`: it can't be refused, and the columns are far from full. */
export const EFFECTS: Readonly<Record<Action, Effect>> = {
  try: { onHand: 0, available: -1, frozen: 1 },
  confirm: { onHand: -1, available: 0, frozen: -1 },
  cancel: { onHand: 0, available: 1, frozen: -1 },
  return: { onHand: 1, available: 1, frozen: 0 },
};

/** The branch row of one product of one order, as it stands. */
export interface Branch {
  readonly phase: Phase;
  readonly quantity: number;
}

/**
 * Sums lines of one product, so that two of them can't each pass a check that only one may, and sorts by (slot, product): the order
 * in which every transaction takes its row locks, so that none can wait in a circle.
 */
export function orderedLines(lines: readonly { readonly productId: string; readonly quantity: number }[]): Line[] {
  const sums = new Map<string, number>();
  for (const { productId, quantity } of lines) sums.set(productId, (sums.get(productId) ?? 0) + quantity);
  const ordered = [...sums].map(([productId, quantity]) => ({ slot: productSlot(productId), productId, quantity }));
  return ordered.sort((a, b) => a.slot - b.slot || compareIds(a.productId, b.productId));
}

/** Number order of decimal ids, which a JavaScript number can't hold. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** False for what no branch can ever hold, since no stock row can; such a number need not even fit its column. */
export function canBeHeld({ quantity }: Pick<Line, 'quantity'>): boolean {
  return quantity <= ON_HAND_MOST;
}

/**
 * What a try has to do about a branch that is there already.
 * @throws Refusal `branch-conflict` when it was cancelled, or tried with another quantity
 */
export function repeatedTry(line: Line, branch: Branch): void {
  const step = nextStep(branch.phase, 'try');
  if (step.kind === 'refuse') throw branchConflict(line.productId, step.why);
  if (branch.quantity !== line.quantity) {
    throw conflict(`product ${line.productId}: ${line.quantity} asked, but ${branch.quantity} tried before`);
  }
}

/**
 * What a resolution has to do about one branch.
 * @throws Refusal `branch-conflict` that says exactly what is wrong: the phase, or a quantity below or beyond what was tried
 */
export function resolutionStep(line: Line, branch: Branch | undefined, action: Exclude<Action, 'try'>): Step {
  const step = nextStep(branch?.phase, action);
  if (step.kind === 'refuse') throw branchConflict(line.productId, step.why);
  // A tombstone holds nothing, so its quantity says nothing.
  if (branch === undefined || branch.phase === 'voided' || branch.quantity === line.quantity) return step;
  const word = line.quantity > branch.quantity ? 'beyond' : 'only part of';
  throw conflict(`product ${line.productId}: ${line.quantity} is ${word} the ${branch.quantity} that were tried`);
}

export function branchConflict(productId: string, why: BranchRefusal): Refusal {
  return conflict(`product ${productId}: ${why}`);
}

export function conflict(detail: string): Refusal {
  return new Refusal('branch-conflict', { detail });
}
