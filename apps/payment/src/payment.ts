import { Refusal } from '@tradewind/errors';
import type { Currency, Money } from '@tradewind/money';
import { type Action, nextStep, type Phase, type Step } from '@tradewind/tcc';

/** Names the branch of one attempt to pay one order. */
export interface BranchKey {
  readonly orderId: string;
  readonly attempt: number;
  readonly userId: string;
}

/** The branch row as it stands. */
export interface Branch {
  readonly userId: string;
  readonly phase: Phase;
  readonly amount: number;
  readonly currency: Currency;
}

/** @throws Refusal `validation` for an amount that would freeze less than nothing */
export function checkAmount({ amount }: Money): void {
  if (amount >= 0) return;
  const message = 'must not be negative';
  throw new Refusal('validation', { detail: `amount: ${message}`, errors: [{ field: 'amount', message }] });
}

/**
 * What a try has to do about a branch that is there already.
 * @throws Refusal `branch-conflict` when it was cancelled, is another user's, or was tried with another amount
 */
export function repeatedTry(key: BranchKey, amount: Money, branch: Branch): void {
  checkOwner(key, branch);
  const step = nextStep(branch.phase, 'try');
  if (step.kind === 'refuse') throw conflict(key, step.why);
  if (branch.amount === amount.amount && branch.currency === amount.currency) return;
  const asked = `${amount.amount} ${amount.currency}`;
  throw conflict(key, `${asked} asked, but ${branch.amount} ${branch.currency} tried before`);
}

/** @throws Refusal `branch-conflict` that says exactly what is wrong */
export function resolutionStep(key: BranchKey, branch: Branch | undefined, action: Exclude<Action, 'try'>): Step {
  if (branch !== undefined) checkOwner(key, branch);
  const step = nextStep(branch?.phase, action);
  if (step.kind === 'refuse') throw conflict(key, step.why);
  return step;
}

export function conflict({ orderId, attempt }: BranchKey, why: string): Refusal {
  return new Refusal('branch-conflict', { detail: `order ${orderId}, attempt ${attempt}: ${why}` });
}

function checkOwner(key: BranchKey, branch: Branch): void {
  if (branch.userId !== key.userId) throw conflict(key, 'tried for another user');
}
