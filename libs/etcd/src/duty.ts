import type { Log } from '@tradewind/telemetry';
import { backoffMs } from '@tradewind/time';
import { type Claim, claimKey } from './claim.ts';
import type { EtcdConnection } from './connection.ts';
import { defer } from './deferred.ts';
import { watchKey } from './watch-key.ts';

export interface DutyOptions {
  readonly etcd: EtcdConnection;
  /** One name, one holder: such as `relay/order-0`. */
  readonly name: string;
  readonly log?: Log;
  /** How long a holder that died blocks its successor. Default 10. */
  readonly ttlSeconds?: number;
}

const RETRY = { firstMs: 100, mostMs: 2_000 };

/** Holds a named duty whenever nobody else does; campaigns in the background until it is stopped. It is fine to start while etcd is away. */
export function holdDuty(options: DutyOptions): Duty {
  return new Duty(options);
}

/**
 * Leadership of one named duty.
 *
 * Intuition: a badge that only one process wears. Since no lease in the world stops a process that was paused just after it looked at its
 * badge, the badge bears a number that rises from holder to holder: where the work is done, a lower number is refused.
 *
 * Rules: at most one process sees `isHeld()` while clocks run at the same speed (see `HeldLease`); `token` rises strictly from one
 * holding to the next, in all processes, as long as etcd keeps its data.
 */
export class Duty {
  readonly name: string;
  readonly #etcd: EtcdConnection;
  readonly #log: Log;
  readonly #key: string;
  readonly #ttlSeconds: number;
  readonly #stopped = new AbortController();
  readonly #campaign: Promise<void>;
  readonly #stopWatch: () => void;
  readonly #forget: () => void;
  #claim: Claim | undefined;
  #token = 0;
  #wake = defer<void>();

  constructor({ etcd, name, log, ttlSeconds }: DutyOptions) {
    this.name = name;
    this.#etcd = etcd;
    this.#log = log ?? etcd.log;
    this.#key = `${etcd.prefix}/duties/${name}`;
    this.#ttlSeconds = ttlSeconds ?? 10;
    this.#stopWatch = watchKey(etcd, this.#key, () => this.#wake.resolve());
    this.#forget = etcd.onClose(() => this.stop());
    this.#campaign = this.#run();
  }

  isHeld(): boolean {
    return this.#claim?.lease.isHeld() ?? false;
  }

  /** The fencing token of the present or the last holding; 0 before the first. */
  get token(): number {
    return this.#token;
  }

  /** Not held from the first moment on; resolves when a successor can take over. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake.resolve();
    this.#stopWatch();
    this.#forget();
    await this.#claim?.lease.revoke();
    await this.#campaign;
  }

  async #run(): Promise<void> {
    for (let attempt = 1; !this.#stopped.signal.aborted;) {
      try {
        this.#wake = defer<void>();
        const claim = await claimKey(this.#etcd, this.#key, this.#ttlSeconds);
        attempt = 1;
        if (claim) await this.#serve(claim);
        else await this.#wake.promise;
      } catch (error) {
        this.#log.warn({ duty: this.name, reason: String(error) }, 'duty not claimed, trying again');
        await this.#etcd.clock.sleep(backoffMs(attempt++, RETRY), this.#stopped.signal).catch(() => {});
      }
    }
  }

  async #serve(claim: Claim): Promise<void> {
    if (this.#stopped.signal.aborted) return claim.lease.revoke();
    this.#claim = claim;
    this.#token = claim.revision;
    this.#log.info({ duty: this.name, token: claim.revision }, 'duty taken');
    await claim.lease.over;
    this.#claim = undefined;
    this.#log.warn({ duty: this.name, token: claim.revision }, 'duty given up');
    // Ours still if only our own time ran out: gone at once, or every candidate, we too, would wait for the TTL.
    if (!this.#stopped.signal.aborted) await claim.lease.revoke();
  }
}
