import { Refusal } from '@tradewind/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ROUTES } from '../routes.ts';

const PATHS = Object.values(ROUTES).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`),
}));

/** Answers a method that a path does not take with 405 and those that it does take (RFC 9110, section 15.5.6); the router alone knows 404. */
export function nameOtherMethods(fastify: Pick<FastifyInstance, 'addHook'>): void {
  fastify.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.is404) return;
    const path = request.url.split('?')[0] ?? '';
    const taken = PATHS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (taken.length === 0) return;
    reply.header('allow', taken.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : each)).join(', '));
    throw new Refusal('method-not-allowed');
  });
}
