import { hostname } from 'node:os';
import type { Log } from '@tradewind/telemetry';
import { type Clock, systemClock } from '@tradewind/time';
import { Etcd3, type IOptions } from 'etcd3';

export interface EtcdOptions {
  /** One address or a list of them, such as `http://127.0.0.1:2379`; a string may hold several, separated by commas. */
  readonly endpoints: string | readonly string[];
  readonly log: Log;
  /** What every key begins with. Default `/tradewind`. */
  readonly prefix?: string;
  /** Deadline of a call, in ms. Default 3,000. */
  readonly callMs?: number;
  readonly clock?: Clock;
}

/**
 * One client for everything that a process keeps in etcd. It connects by itself, when it is first used and again after each outage.
 *
 * Every call has a deadline and is made once. etcd3 would repeat a failed call three times, a transaction too, which may have been applied
 * by then (the fault that Jepsen found in jetcd): so its retries are off, and each caller here says what a repeat means to it. The circuit
 * breaker is off as well: it would turn a short outage into five more seconds without leases.
 */
export class EtcdConnection {
  readonly client: Etcd3;
  readonly endpoints: readonly string[];
  readonly prefix: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly callMs: number;
  readonly #closers = new Set<() => Promise<void> | void>();
  #closed = false;

  constructor(options: EtcdOptions) {
    const list = typeof options.endpoints === 'string' ? options.endpoints.split(',') : options.endpoints;
    this.endpoints = list.map((endpoint) => endpoint.trim()).filter((endpoint) => endpoint !== '');
    this.prefix = options.prefix ?? '/tradewind';
    this.log = options.log;
    this.clock = options.clock ?? systemClock;
    this.callMs = options.callMs ?? 3_000;
    this.client = new Etcd3({
      hosts: [...this.endpoints],
      defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + this.callMs }),
      faultHandling: { host: () => ONCE, global: ONCE },
      grpcOptions: CHANNEL,
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Who we are, as the value of keys that we claim: for people who look. */
  get owner(): string {
    return JSON.stringify({ host: hostname(), pid: process.pid, since: new Date(this.clock.now()).toISOString() });
  }

  /** @param close what `close` has to release. @returns forgets it again. */
  onClose(close: () => Promise<void> | void): () => void {
    this.#closers.add(close);
    return () => this.#closers.delete(close);
  }

  /** Gives up every lease, duty and watch of this connection, then disconnects. Takes at most a call's deadline when etcd is away. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled([...this.#closers].map(async (close) => close()));
    this.client.close();
  }
}

export function connectEtcd(options: EtcdOptions): EtcdConnection {
  return new EtcdConnection(options);
}

type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

/** Runs a call once. cockatiel's own no-op policy, without a dependency on it. */
const ONCE = {
  execute: async (call: (context: { signal: AbortSignal }) => unknown) =>
    call({ signal: new AbortController().signal }),
} as unknown as Policy;

const CHANNEL = {
  // A half-open connection (a pulled cable, a stopped server) is found in 13 s. etcd forbids pings more often than every 5 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  // gRPC would wait up to two minutes before it tries again; a lease does not live that long.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};
