import { expect, test } from 'vitest';
import { childSpan, currentTrace, formatTraceparent, newTrace, parseTraceparent, withTrace } from './index.ts';

test('a trace survives the header, and a child keeps its trace id', () => {
  const trace = newTrace();
  const back = parseTraceparent(formatTraceparent(trace));
  expect(back).toEqual(trace);
  expect(childSpan(trace)).toMatchObject({ traceId: trace.traceId });
  expect(childSpan(trace).spanId).not.toBe(trace.spanId);
});

test('malformed and all-zero headers are no trace (W3C trace context 3.2.2)', () => {
  const zero = '0'.repeat(32);
  for (const bad of [
    undefined,
    '',
    'x',
    `00-${zero}-${'1'.repeat(16)}-01`,
    `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
    `01-${'1'.repeat(32)}`,
  ]) {
    expect(parseTraceparent(bad)).toBeUndefined();
  }
});

test('everything that is awaited inside sees the trace, nothing outside does', async () => {
  const trace = newTrace();
  const seen = await withTrace(trace, async () => {
    await Promise.resolve();
    return currentTrace();
  });
  expect(seen).toBe(trace);
  expect(currentTrace()).toBeUndefined();
});
