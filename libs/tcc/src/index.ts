export { AskBack, type AskBackPorts, type Decision } from './ask-back.ts';
export { type Action, type BranchRefusal, nextStep, type Phase, type Step } from './branch.ts';
export { inTurn } from './in-turn.ts';
export { Resolver, type ResolverPorts } from './resolver.ts';
