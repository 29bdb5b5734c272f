import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/**
 * What a request asks for, in 64 hex digits: SHA-256 over the method, the route, the ids in its path and its body as it was understood,
 * so that the order of members, white space and trimmed text make no difference. Headers are no part of it.
 */
export function fingerprint(
  method: string,
  route: string,
  path: Readonly<Record<string, string>>,
  body: unknown,
): string {
  return hash('sha256', canonicalJson([method, route, path, body]), 'hex');
}
