import type { DecisionAnswer, RefusedResult } from '@tradewind/contracts';

/** When to ask again after `wait` without a time. */
const WAIT_MS = 1000;

export type Decision =
  { readonly decision: 'confirm' | 'cancel' } | { readonly decision: 'wait'; readonly askAt: Date };

/**
 * What the coordinator's answer about one branch says at `now`, in ms since 1970.
 * @returns undefined where it could not say: the branch stays as it is and asks again
 */
export function decisionOf(answer: DecisionAnswer | RefusedResult, now: number): Decision | undefined {
  if (!answer.ok) return undefined;
  if (answer.decision !== 'wait') return { decision: answer.decision };
  return { decision: 'wait', askAt: new Date(answer.askAt ?? now + WAIT_MS) };
}
