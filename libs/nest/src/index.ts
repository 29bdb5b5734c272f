export { answerBatch, type BatchOptions } from './batch.ts';
export { envOf, listEnv, readConfig, serviceEnv } from './config.ts';
export { CallBody, Serves } from './internal.ts';
export { PrometheusMetrics } from './metrics.ts';
export { createApp, runService, type ServiceConfig, type ServiceContext, type ServiceParts } from './service.ts';
export { parseInput } from './valid.ts';
