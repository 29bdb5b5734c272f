import { applyDecorators, HttpCode, RequestMapping, RequestMethod } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type RouteName, ROUTES, type Who } from '../routes.ts';

/** What the HTTP server knows of a route when a request comes in. */
export interface ServedRoute {
  readonly who?: Who;
}

/** Marks the method that serves a route of the table; method, path, status and who may call come from there. */
export function Route(name: RouteName): MethodDecorator {
  const { method, path, status, who } = ROUTES[name];
  const config: ServedRoute = { who };
  return applyDecorators(
    RequestMapping({ path, method: RequestMethod[method] }),
    HttpCode(status),
    RouteConfig(config),
  ) as MethodDecorator;
}
