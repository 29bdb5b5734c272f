import { Refusal } from '@tradewind/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServedRoute } from '../requests/route.ts';
import type { AccessTokens } from './access-tokens.ts';
import { rememberCaller } from './caller.ts';

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*) *$/i;

/** Puts the guard in front of every route, before anything of the body is read: what a stranger sends is not even parsed. */
export function admitAll(fastify: Pick<FastifyInstance, 'addHook'>, tokens: AccessTokens): void {
  fastify.addHook('onRequest', (request) => admit(request, tokens));
}

/**
 * Decides who gets in. A route under /v1 that does not say who may call it lets nobody in.
 * @throws Refusal `unauthenticated`, `forbidden`
 */
async function admit(request: FastifyRequest, tokens: AccessTokens): Promise<void> {
  if (request.is404 || !request.routeOptions.url?.startsWith('/v1/')) return;
  const { who } = request.routeOptions.config as ServedRoute;
  if (who === 'anyone') return;
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new Refusal('unauthenticated');
  const caller = await tokens.check(token);
  if (caller.role !== who) throw new Refusal('forbidden', { detail: `this call is for ${who ?? 'nobody'}` });
  rememberCaller(request, caller);
}
