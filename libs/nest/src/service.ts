import 'reflect-metadata';
import { childSpan, type Log, newTrace, parseTraceparent, withTrace } from '@tradewind/telemetry';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError } from './config.ts';
import { HealthController, READINESS, type Readiness } from './health.ts';
import { INTERNAL_TOKEN, InternalGuard } from './internal.ts';
import { takeJsonOnly } from './json-body.ts';
import { createLog, nestLogger } from './log.ts';
import { METRICS, MetricsController, PrometheusMetrics } from './metrics.ts';
import { ProblemFilter } from './problem.filter.ts';
import { refusedByHttp } from './refused-by-http.ts';

/** How long a shutdown waits for requests and background work before the process ends anyway, ms. */
const DRAIN_MS = 10_000;

/** What a service hands to its host: the providers and controllers of its use cases, and what starts and stops around them. */
export interface ServiceParts {
  readonly controllers: readonly Type<unknown>[];
  readonly providers: readonly Provider[];
  readonly readiness: Readiness;
  /** Starts background loops; called before the port opens. */
  start?(): Promise<void> | void;
  /** Drains and closes, in the order that the service needs; called when no request is in hand any more. */
  stop(): Promise<void>;
  /** Last touches on the HTTP server (documents, raw routes), before it listens. */
  configure?(app: NestFastifyApplication): Promise<void> | void;
}

export interface ServiceConfig {
  readonly HTTP_HOST: string;
  readonly HTTP_PORT: number;
  readonly INTERNAL_TOKEN: string;
  readonly LOG_LEVEL: string;
}

export interface ServiceContext {
  readonly log: Log;
  readonly metrics: PrometheusMetrics;
}

/**
 * Runs one service until SIGTERM or SIGINT: reads its configuration, builds it, listens, drains. Every process of ours is this.
 * A configuration error ends it with one message and code 2, a failed start with code 1.
 * @param bodyBytesMost larger bodies are refused with 413
 */
export async function runService<C extends ServiceConfig>(
  name: string,
  {
    config,
    build,
    bodyBytesMost,
  }: { config: () => C; build: (config: C, context: ServiceContext) => Promise<ServiceParts>; bodyBytesMost: number },
): Promise<void> {
  try {
    const settings = config();
    const log = createLog(name, settings.LOG_LEVEL);
    await serve(name, settings, log, build, bodyBytesMost);
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`${name}: ${text}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

async function serve<C extends ServiceConfig>(
  name: string,
  config: C,
  log: Log,
  build: (config: C, context: ServiceContext) => Promise<ServiceParts>,
  bodyBytesMost: number,
): Promise<void> {
  const metrics = new PrometheusMetrics(name);
  const parts = await build(config, { log, metrics });
  const app = await createApp(config, parts, { log, metrics }, bodyBytesMost);
  await parts.start?.();
  await app.listen(config.HTTP_PORT, config.HTTP_HOST);
  log.info({ port: config.HTTP_PORT, node: process.version }, 'listening');
  endOnSignal(app, parts, log);
}

/** The HTTP side of a service, not listening yet: for `runService`, and for tests that inject requests into the real thing. */
export async function createApp(
  config: ServiceConfig,
  parts: ServiceParts,
  { log, metrics }: ServiceContext,
  bodyLimit: number,
): Promise<NestFastifyApplication> {
  const filter = new ProblemFilter(log, (error) => {
    log.error({ err: error }, 'an invariant is broken; ending so that recovery can replay');
    setImmediate(() => process.exit(70));
  });
  const adapter = new FastifyAdapter({
    bodyLimit,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    ...refusedByHttp(filter),
  });
  const app = await NestFactory.create<NestFastifyApplication>(hostModule(config, parts, metrics), adapter, {
    logger: nestLogger(log),
    abortOnError: false,
    bodyParser: false,
  });
  app.useGlobalFilters(filter);
  const fastify = adapter.getInstance();
  takeJsonOnly(fastify);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const parent = parseTraceparent(request.headers['traceparent'] as string | undefined);
    withTrace(parent ? childSpan(parent) : newTrace(), done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.observe('tradewind_http_seconds', reply.elapsedTime / 1000, {
      method: request.method,
      route,
      status: String(reply.statusCode),
    });
    done();
  });
  await parts.configure?.(app);
  return app;
}

function hostModule(config: ServiceConfig, parts: ServiceParts, metrics: PrometheusMetrics): DynamicModule {
  @Module({})
  class HostModule {}
  return {
    module: HostModule,
    controllers: [HealthController, MetricsController, ...parts.controllers],
    providers: [
      { provide: READINESS, useValue: parts.readiness },
      { provide: METRICS, useValue: metrics },
      { provide: INTERNAL_TOKEN, useValue: config.INTERNAL_TOKEN },
      InternalGuard,
      ...parts.providers,
    ],
  };
}

function endOnSignal(app: NestFastifyApplication, parts: ServiceParts, log: Log): void {
  let ending = false;
  const end = async (signal: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log.info({ signal }, 'draining');
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    await app.close();
    await parts.stop();
    log.info({}, 'drained');
    process.exit(0);
  };
  process.once('SIGTERM', () => void end('SIGTERM'));
  process.once('SIGINT', () => void end('SIGINT'));
}
