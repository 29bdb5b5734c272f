import { currentTrace, type Log } from '@tradewind/telemetry';
import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';

/** Structured logs on standard output, one JSON object a line, each with the trace id of the work in hand. */
export function createLog(service: string, level: string): Log {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const trace = currentTrace();
      return trace === undefined ? {} : { traceId: trace.traceId };
    },
  });
}

/** Nest's own words go to the same log; its start-up chatter is kept at debug. */
export function nestLogger(log: Log): LoggerService {
  return {
    log: (message: unknown) => log.debug({}, String(message)),
    error: (message: unknown, ...rest: unknown[]) => log.error({ rest }, String(message)),
    warn: (message: unknown) => log.warn({}, String(message)),
    debug: (message: unknown) => log.debug({}, String(message)),
    verbose: () => {},
  };
}
