export { answerBatch, type BatchOptions } from './batch.ts';
export { ConfigError, listEnv, readConfig, serviceEnv } from './config.ts';
export { HealthController, type Readiness } from './health.ts';
export { CallBody, InternalGuard, Serves } from './internal.ts';
export { createLog } from './log.ts';
export { METRICS, PrometheusMetrics } from './metrics.ts';
export { problemOf } from './problem.filter.ts';
export { createApp, runService, type ServiceConfig, type ServiceContext, type ServiceParts } from './service.ts';
export { parseInput, ValidBody, ValidQuery } from './valid.ts';
