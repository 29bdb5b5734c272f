export { AskBack, type AskBackPorts } from './ask-back.ts';
export { type Action, type BranchRefusal, nextStep, type Phase, type Step } from './branch.ts';
export { type Decision, decisionOf } from './decision.ts';
export { Resolver, type ResolverPorts } from './resolver.ts';
