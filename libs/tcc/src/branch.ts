/**
 * Lets each phase of a TCC branch take effect at most once, in an order that makes sense.
 *
 * Intuition: a branch is one row, written in the transaction that moves the stock or the money, and its phase is a ratchet. A cancel
 * that comes before its try leaves the row `voided`, so that the late try finds the door shut and never freezes anything; a message
 * that comes twice finds the ratchet where it left it and does nothing.
 *
 * The participant inserts the row first or locks the one that is there, asks `nextStep`, and commits row and effect together; a crash
 * between the two would break the rules. Source of the terms: Pardon & Pautasso, "Atomic Distributed Transactions: a RESTful Design"
 * (Try-Confirm/Cancel); of the three anomalies (empty cancel, hanging try, repeat): Seata's TCC fence.
 */
export type Phase = 'tried' | 'confirmed' | 'cancelled' | 'voided' | 'returned';

export type Action = 'try' | 'confirm' | 'cancel' | 'return';

export type Step =
  | { readonly kind: 'run'; readonly next: Phase }
  /** It has happened already: answer success, change nothing. */
  | { readonly kind: 'skip' }
  | { readonly kind: 'refuse'; readonly why: BranchRefusal };

export type BranchRefusal =
  'never-tried' | 'not-confirmed' | 'already-confirmed' | 'already-cancelled' | 'already-returned';

const run = (next: Phase): Step => ({ kind: 'run', next });
const refuse = (why: BranchRefusal): Step => ({ kind: 'refuse', why });
const skip: Step = { kind: 'skip' };

const STEPS: Record<Phase | 'absent', Record<Action, Step>> = {
  absent: { try: run('tried'), confirm: refuse('never-tried'), cancel: run('voided'), return: refuse('never-tried') },
  tried: { try: skip, confirm: run('confirmed'), cancel: run('cancelled'), return: refuse('not-confirmed') },
  confirmed: { try: skip, confirm: skip, cancel: refuse('already-confirmed'), return: run('returned') },
  cancelled: {
    try: refuse('already-cancelled'),
    confirm: refuse('already-cancelled'),
    cancel: skip,
    return: refuse('already-cancelled'),
  },
  voided: {
    try: refuse('already-cancelled'),
    confirm: refuse('already-cancelled'),
    cancel: skip,
    return: refuse('already-cancelled'),
  },
  returned: { try: skip, confirm: skip, cancel: refuse('already-returned'), return: skip },
};

/** @param phase of the branch's row; undefined when there is none */
export function nextStep(phase: Phase | undefined, action: Action): Step {
  return STEPS[phase ?? 'absent'][action];
}
