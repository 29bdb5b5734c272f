/** Bounds of a retry loop, all in ms. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * How long to wait before attempt `attempt` (1 is the first retry): full jitter over an exponentially growing cap, so that many
 * clients that failed together do not return together. Source: AWS Architecture Blog, "Exponential Backoff And Jitter", 2015.
 * @returns whole ms in [1, mostMs]
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: () => number = Math.random): number {
  const cap = Math.min(limits.mostMs, limits.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.max(1, Math.round(cap * random()));
}
