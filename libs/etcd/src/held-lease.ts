import { EtcdLeaseInvalidError } from 'etcd3';
import type { EtcdConnection } from './connection.ts';
import { defer } from './deferred.ts';

/**
 * An etcd lease that knows, without asking, whether it is certainly still alive.
 *
 * Intuition: etcd keeps a lease for its TTL after it *received* a renewal, which was not before we *sent* it. So we count from the sending, on
 * our monotonic clock, and stop a margin earlier. A process that was paused finds its own time run out before it does anything.
 *
 * etcd3's lease counts from the answer, on the wall clock, and reports the loss after twice the TTL; that is why it is not used.
 *
 * When it holds: while the monotonic clocks of this machine and the etcd server run equally fast within the margin (10 %). Linux stops
 * CLOCK_MONOTONIC while the whole machine is suspended, so what must survive even that carries a fencing token or a reserved time as well.
 */
export class HeldLease {
  readonly id: string;
  /** Resolves when the lease is over, however it ended. */
  readonly over: Promise<void>;
  readonly #etcd: EtcdConnection;
  readonly #ttlMs: number;
  readonly #ended = new AbortController();
  #heldUntil: number;

  private constructor(etcd: EtcdConnection, id: string, ttlMs: number, sentAt: number) {
    this.#etcd = etcd;
    this.id = id;
    this.#ttlMs = ttlMs;
    this.#heldUntil = sentAt + ttlMs - marginMs(ttlMs);
    this.over = this.#keepAlive();
  }

  /** @param ttlSeconds at least 2, the least that etcd grants with its usual election timeout. */
  static async grant(etcd: EtcdConnection, ttlSeconds: number): Promise<HeldLease> {
    const sentAt = etcd.clock.elapsed();
    const granted = await etcd.client.leaseClient.leaseGrant({ TTL: ttlSeconds });
    return new HeldLease(etcd, granted.ID, Math.min(ttlSeconds, Number(granted.TTL)) * 1_000, sentAt);
  }

  isHeld(): boolean {
    return !this.#ended.signal.aborted && this.#etcd.clock.elapsed() < this.#heldUntil;
  }

  /** From now on the lease is not held; its keys go at once, or when the TTL is over if etcd can't be told. Never rejects. */
  async revoke(): Promise<void> {
    this.#ended.abort();
    try {
      await this.#etcd.client.leaseClient.leaseRevoke({ ID: this.id });
    } catch (error) {
      if (error instanceof EtcdLeaseInvalidError) return;
      this.#etcd.log.warn({ lease: this.id, reason: String(error) }, 'etcd lease not revoked, it runs out by itself');
    }
  }

  /** Renews every third of the TTL, more often after a failure, until it is over; the last wait ends when the time does. */
  async #keepAlive(): Promise<void> {
    let waitMs = this.#ttlMs / 3;
    while (await this.#waitWhileHeld(waitMs)) {
      try {
        const sentAt = this.#etcd.clock.elapsed();
        const ttlMs = await renew(this.#etcd, this.id, Math.min(this.#etcd.callMs, this.#heldUntil - sentAt));
        if (ttlMs <= 0) return this.#ended.abort();
        this.#heldUntil = sentAt + Math.min(ttlMs, this.#ttlMs) - marginMs(this.#ttlMs);
        waitMs = this.#ttlMs / 3;
      } catch (error) {
        this.#etcd.log.debug({ lease: this.id, reason: String(error) }, 'etcd lease not renewed, trying again');
        waitMs = Math.min(500, this.#ttlMs / 10);
      }
    }
    this.#ended.abort();
  }

  async #waitWhileHeld(waitMs: number): Promise<boolean> {
    const left = this.#heldUntil - this.#etcd.clock.elapsed();
    await this.#etcd.clock.sleep(Math.max(0, Math.min(waitMs, left)), this.#ended.signal).catch(() => {});
    return this.isHeld();
  }
}

function marginMs(ttlMs: number): number {
  return ttlMs / 10;
}

/** @returns the TTL that the server promises from now on, in ms; 0 when it knows no such lease. */
async function renew(etcd: EtcdConnection, id: string, deadlineMs: number): Promise<number> {
  const stream = await etcd.client.leaseClient.leaseKeepAlive();
  const answer = defer<number>();
  const late = setTimeout(() => answer.reject(new Error('no answer in time')), deadlineMs);
  try {
    stream.on('data', ({ TTL }) => answer.resolve(Number(TTL) * 1_000));
    stream.on('error', (error: Error) => answer.reject(error));
    stream.write({ ID: id });
    return await answer.promise;
  } finally {
    clearTimeout(late);
    stream.end();
    stream.cancel();
  }
}
