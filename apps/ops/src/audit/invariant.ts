import type { AuditSources } from './audit-sources.ts';

/** One thing that is not as it must be. */
export interface Offence {
  /** What it is about, for a person to look up: `order 123`, `product 7`. */
  readonly key: string;
  /** Which part of the invariant is broken: a short word that stays the same when it is looked at again. */
  readonly rule: string;
  /** What was seen; numbers may differ at the next look. */
  readonly detail: string;
}

/** Where a check says what it sees. */
export interface Findings {
  /** Counts what was looked at. */
  checked(count?: number): void;
  offence(key: string, rule: string, detail: string): void;
}

/** One row of the design's table of invariants, as code. A check reads and reports; it changes nothing and decides nothing. */
export interface Invariant {
  readonly id: `I${number}`;
  readonly says: string;
  check(sources: AuditSources, findings: Findings): Promise<void>;
}
