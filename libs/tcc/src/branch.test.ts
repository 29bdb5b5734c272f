import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Action, nextStep, type Phase } from './branch.ts';

const actions = fc.array(fc.constantFrom<Action>('try', 'confirm', 'cancel', 'return'), { maxLength: 12 });

/** What the effects add up to: +1 try freezes, a confirm takes, a cancel thaws, a return gives back. */
function play(script: readonly Action[]): { phase: Phase | undefined; frozen: number; taken: number } {
  const state: { phase: Phase | undefined; frozen: number; taken: number } = { phase: undefined, frozen: 0, taken: 0 };
  for (const action of script) {
    const step = nextStep(state.phase, action);
    if (step.kind !== 'run') continue;
    if (step.next === 'tried') state.frozen += 1;
    if (step.next === 'confirmed' || step.next === 'cancelled') state.frozen -= 1;
    if (step.next === 'confirmed') state.taken += 1;
    if (step.next === 'returned') state.taken -= 1;
    state.phase = step.next;
  }
  return state;
}

test('in every order of messages, repeats included, what is held matches the phase', () => {
  fc.assert(
    fc.property(actions, (script) => {
      const { phase, frozen, taken } = play(script);
      expect(frozen).toBe(phase === 'tried' ? 1 : 0);
      expect(taken).toBe(phase === 'confirmed' ? 1 : 0);
    }),
  );
});

test('a try after a cancel never freezes', () => {
  expect(play(['cancel', 'try'])).toEqual({ phase: 'voided', frozen: 0, taken: 0 });
  expect(nextStep('voided', 'try')).toEqual({ kind: 'refuse', why: 'already-cancelled' });
});

test('a confirm after a cancel, a cancel after a confirm and a return before a confirm are told apart', () => {
  expect(nextStep('cancelled', 'confirm')).toEqual({ kind: 'refuse', why: 'already-cancelled' });
  expect(nextStep('confirmed', 'cancel')).toEqual({ kind: 'refuse', why: 'already-confirmed' });
  expect(nextStep('tried', 'return')).toEqual({ kind: 'refuse', why: 'not-confirmed' });
  expect(nextStep(undefined, 'confirm')).toEqual({ kind: 'refuse', why: 'never-tried' });
});
