/** What libs need of a logger: structured fields first, a constant message second. pino's shape. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Labels of a metric: a small, closed set of values each. */
export type Labels = Readonly<Record<string, string>>;

/**
 * What libs need of a metrics registry. Names are Prometheus names (`tradewind_outbox_sent_total`): counters end in `_total`,
 * durations are in seconds. The first use of a name fixes its label names.
 */
export interface Metrics {
  count(name: string, labels?: Labels, by?: number): void;
  gauge(name: string, value: number, labels?: Labels): void;
  observe(name: string, value: number, labels?: Labels): void;
}

export const noMetrics: Metrics = { count: () => {}, gauge: () => {}, observe: () => {} };
