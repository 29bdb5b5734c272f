import type { Labels, Metrics } from '@tradewind/telemetry';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export const METRICS = Symbol('METRICS');

/** Seconds; the targets of the design (20 ms, 50 ms, 250 ms, 2 s) are edges, so that a histogram can tell whether they hold. */
const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

/** The `Metrics` port over prom-client. */
export class PrometheusMetrics implements Metrics {
  readonly registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  count(name: string, labels: Labels = {}, by = 1): void {
    remember(this.#counters, name, () => new Counter(this.#options(name, labels))).inc(labels, by);
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    remember(this.#gauges, name, () => new Gauge(this.#options(name, labels))).set(labels, value);
  }

  observe(name: string, value: number, labels: Labels = {}): void {
    remember(this.#histograms, name, () => new Histogram({ ...this.#options(name, labels), buckets: BUCKETS })).observe(
      labels,
      value,
    );
  }

  #options(name: string, labels: Labels): { name: string; help: string; labelNames: string[]; registers: Registry[] } {
    return { name, help: name.replaceAll('_', ' '), labelNames: Object.keys(labels), registers: [this.registry] };
  }
}

function remember<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}

@Controller('metrics')
export class MetricsController {
  readonly #metrics: PrometheusMetrics;

  constructor(@Inject(METRICS) metrics: PrometheusMetrics) {
    this.#metrics = metrics;
  }

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.#metrics.registry.contentType).send(await this.#metrics.registry.metrics());
  }
}
