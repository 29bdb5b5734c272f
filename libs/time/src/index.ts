export { backoffMs, type BackoffLimits } from './backoff.ts';
export { type Clock, systemClock } from './clock.ts';
export { Loop } from './loop.ts';
