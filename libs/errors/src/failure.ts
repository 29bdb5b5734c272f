import { PROBLEMS, type ProblemCode, type ProblemDetails } from './problem.ts';

/**
 * The three kinds of failure, told apart by what the caller must do next.
 *
 * A refusal is a definite no: nothing happened, compensate what came before and show the client. An outcome that is unknown may
 * have happened: repeat it with the same key or ask, never compensate on it. A broken invariant is our own bug: the process ends
 * and recovery replays from the database.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;
  readonly details: ProblemDetails;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(details.detail ?? PROBLEMS[code].title);
    this.code = code;
    this.details = details;
  }
}

export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';

  /** @param what the call whose outcome is not known, for the log; never shown to a client. */
  constructor(what: string, cause?: unknown) {
    super(`outcome unknown: ${what}`, cause === undefined ? undefined : { cause });
  }
}

export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/** Asserts what can only be false through a bug of ours; stays on in production. */
export function invariant(claim: boolean, message: string): asserts claim {
  if (!claim) throw new InvariantBroken(message);
}
