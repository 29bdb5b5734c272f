import { id, type Idempotency } from '@tradewind/contracts';
import { invariant, Refusal } from '@tradewind/errors';
import { parseInput } from '@tradewind/nest';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Caller, callerOf } from '../auth/caller.ts';
import { type RouteName, ROUTES, type RouteSpec } from '../routes.ts';
import { readIfMatch } from './etag.ts';
import { fingerprint } from './fingerprint.ts';
import { readIdempotencyKey } from './idempotency-key.ts';

type Spec<N extends RouteName> = (typeof ROUTES)[N];
type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Field<N extends RouteName, F extends string> = Spec<N> extends Record<F, infer T> ? T : undefined;
type PathNames<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathNames<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

/** A request that has passed every check that its route names. */
export interface Asked<N extends RouteName> {
  readonly caller: Spec<N>['who'] extends 'anyone' ? undefined : Caller;
  readonly path: Readonly<Record<PathNames<Spec<N>['path']>, string>>;
  readonly query: Parsed<Field<N, 'query'>>;
  readonly body: Parsed<Field<N, 'body'>>;
  readonly idempotency: Field<N, 'idempotencyKey'> extends 'needed' ? Idempotency : Idempotency | undefined;
  readonly ifMatch: number | undefined;
}

const NO_QUERY = z.strictObject({});

/** Parses a request in the order in which a client would mend it: path, headers, query, body. @throws Refusal for the first that is wrong */
export function readAsked<N extends RouteName>(name: N, request: FastifyRequest): Asked<N> {
  const route: RouteSpec = ROUTES[name];
  const path = parseInput(pathSchema(name), request.params);
  const key = readIdempotencyKey(route.idempotencyKey && request.headers['idempotency-key']);
  if (key === undefined && route.idempotencyKey === 'needed') throw new Refusal('idempotency-key-missing');
  const ifMatch = route.ifMatch && readIfMatch(request.headers['if-match']);
  const query = parseInput(route.query ?? NO_QUERY, request.query);
  const body = route.body && parseInput(route.body, bodyOf(name, request));
  const idempotency = key && { key, fingerprint: fingerprint(route.method, route.path, path, body) };
  const caller = callerOf(request);
  invariant(caller !== undefined || route.who === 'anyone', `${name} was reached without a caller`);
  return { caller, path, query, body, idempotency, ifMatch } as Asked<N>;
}

/** The handler's one argument: its request, read by its route's rules. */
export function AskedOf(name: RouteName): ParameterDecorator {
  return createParamDecorator((_: unknown, context: ExecutionContext) =>
    readAsked(name, context.switchToHttp().getRequest<FastifyRequest>()),
  )();
}

/** A call that takes no members may come without a body. */
function bodyOf(name: RouteName, request: FastifyRequest): unknown {
  return request.body === undefined && EMPTY_ALLOWED.has(name) ? {} : request.body;
}

const EMPTY_ALLOWED = new Set(
  (Object.keys(ROUTES) as RouteName[]).filter((name) => {
    const { body }: RouteSpec = ROUTES[name];
    return body?.safeParse({}).success === true;
  }),
);

const PATH_SCHEMAS = new Map<RouteName, z.ZodType<Record<string, string>>>();

function pathSchema(name: RouteName): z.ZodType<Record<string, string>> {
  const known = PATH_SCHEMAS.get(name);
  if (known) return known;
  const schema = z.object(Object.fromEntries(pathNames(ROUTES[name].path).map((each) => [each, id])));
  PATH_SCHEMAS.set(name, schema);
  return schema;
}

export function pathNames(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
}
