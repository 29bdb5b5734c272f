import type { RefusedResult } from '@tradewind/contracts';
import { OutcomeUnknown, Refusal } from '@tradewind/errors';

/**
 * What one item of a batched call came to.
 * @param what names the call, for the log
 * @returns the result of an item that succeeded
 * @throws Refusal for a definite no; OutcomeUnknown when the item may have taken effect, or the answer has no place for it
 */
export function successOf<T extends { readonly ok: true }>(result: T | RefusedResult | undefined, what: string): T {
  if (result === undefined) throw new OutcomeUnknown(`${what} answered no result`);
  if (result.ok) return result;
  const { ok: _no, code, ...details } = result;
  if (code === 'deadline' || code === 'internal') throw new OutcomeUnknown(`${what}: ${code} ${details.detail ?? ''}`);
  throw new Refusal(code, Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)));
}
