export { InvariantBroken, invariant, OutcomeUnknown, Refusal } from './failure.ts';
export {
  type FieldError,
  isProblemCode,
  problemDocument,
  type ProblemCode,
  type ProblemDetails,
  PROBLEMS,
} from './problem.ts';
