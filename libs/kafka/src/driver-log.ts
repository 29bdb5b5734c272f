import type { Log } from '@tradewind/telemetry';
import { type logCreator, logLevel } from 'kafkajs';

/** The same line again within this time is left out: while a broker is away kafkajs says so with every try. */
const REPEAT_MS = 10_000;
const REMEMBERED_MOST = 200;

/**
 * kafkajs's log on ours, one level milder: it logs each attempt that it is about to repeat as an ERROR, on a fresh broker too. What really
 * failed comes out of the call that failed, and is logged there.
 */
export function driverLog(log: Log): logCreator {
  const last = new Map<string, number>();
  return () => (entry) => {
    const { message, error, groupId, broker } = entry.log as Record<string, unknown>;
    const line = [entry.namespace, message, error].join(' ');
    const now = performance.now();
    if (now - (last.get(line) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    if (last.size >= REMEMBERED_MOST) last.clear();
    last.set(line, now);
    const fields = { driver: 'kafkajs', part: entry.namespace, says: message, error, groupId, broker };
    if (entry.level === logLevel.ERROR) log.warn(fields, 'kafka driver');
    else log.debug(fields, 'kafka driver');
  };
}
