import type { Role } from '@tradewind/contracts';
import type { FastifyRequest } from 'fastify';

/** Who a request speaks for, as its access token says. */
export interface Caller {
  readonly userId: string;
  readonly role: Role;
}

const callers = new WeakMap<FastifyRequest, Caller>();

export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}
