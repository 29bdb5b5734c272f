import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** The W3C trace context (https://www.w3.org/TR/trace-context/, version 00) of the work in hand. */
export interface Trace {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const storage = new AsyncLocalStorage<Trace>();
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function newTrace(): Trace {
  return { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), sampled: true };
}

/** @returns the trace that a `traceparent` header names, as the parent of a new span; undefined when it is absent or malformed. */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const match = TRACEPARENT.exec(header ?? '');
  if (!match?.[1] || !match[2] || /^0+$/.test(match[1]) || /^0+$/.test(match[2])) return undefined;
  return { traceId: match[1], spanId: match[2], sampled: (Number.parseInt(match[3] ?? '0', 16) & 1) === 1 };
}

/** @returns a `traceparent` header, 55 characters. */
export function formatTraceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`;
}

/** @returns a span of the same trace: what a service enters when a call of that trace reaches it. */
export function childSpan(parent: Trace): Trace {
  return { ...parent, spanId: randomBytes(8).toString('hex') };
}

export function currentTrace(): Trace | undefined {
  return storage.getStore();
}

/** Runs `work` with `trace` as the current one, in everything that it awaits too. */
export function withTrace<T>(trace: Trace, work: () => T): T {
  return storage.run(trace, work);
}
