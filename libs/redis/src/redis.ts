import type { Log } from '@tradewind/telemetry';
import { Redis } from 'ioredis';

export interface RedisOptions {
  /** `redis://[user:password@]host:port[/database]` */
  readonly url: string;
  readonly log: Log;
}

/** A Redis that may be away: every call answers in time, none throws. What is kept here is only what may be lost. */
export interface RedisConnection {
  ping(): Promise<boolean>;
  /**
   * Counts a use of `key` within a window that begins with the first.
   * @returns how many there were, this one included; undefined when Redis is away, and then the caller lets it pass (fails open)
   */
  countWithin(key: string, windowSeconds: number): Promise<number | undefined>;
  /** What was counted under `key` and the seconds until its window ends, without counting; undefined when Redis is away. */
  counted(key: string): Promise<{ count: number; endsInSeconds: number } | undefined>;
  /** Begins anew with `key`. Does nothing when Redis is away: the window ends by itself. */
  forget(key: string): Promise<void>;
  close(): Promise<void>;
}

/** Redis answers in a fraction of a millisecond; a guard that takes longer than this costs more than it guards. */
const COMMAND_MS = 250;
const CONNECT_MS = 1_000;
const RECONNECT = { firstMs: 50, mostMs: 2_000 };
/** How often an absent server is logged. */
const LOG_EVERY_MS = 10_000;

/** Starts connecting and goes on trying for as long as it takes; never throws for a missing server. */
export function connectRedis({ url, log }: RedisOptions): RedisConnection {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    // Away is away: a command that waited for the server would make its caller wait too, and count a failure long after it happened.
    enableOfflineQueue: false,
    // A count that may have happened is not sent again, or it would happen twice.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(RECONNECT.mostMs, RECONNECT.firstMs * 2 ** Math.min(attempt, 10)),
  });
  const away = quietly(log);
  redis.on('error', away);
  redis.connect().catch(away);
  return {
    ping: () => orUndefined(redis.ping(), away).then((answer) => answer === 'PONG'),
    countWithin: (key, windowSeconds) => orUndefined(countWithin(redis, key, windowSeconds), away),
    counted: (key) => orUndefined(counted(redis, key), away),
    forget: async (key) => void (await orUndefined(redis.del(key), away)),
    close: () => Promise.resolve(redis.disconnect()),
  };
}

/**
 * Both in one transaction: a process that died between counting and setting the end of the window would leave a key that never ends, and a user locked
 * out for ever. `NX` (Redis 7) gives a key its end only when it has none, so that repeats do not prolong the window.
 */
async function countWithin(redis: Redis, key: string, windowSeconds: number): Promise<number> {
  const replies = await redis.multi().incr(key).expire(key, windowSeconds, 'NX').exec();
  const [error, count] = replies?.[0] ?? [new Error('Redis aborted the transaction'), 0];
  if (error) throw error;
  return Number(count);
}

async function counted(redis: Redis, key: string): Promise<{ count: number; endsInSeconds: number }> {
  const [count, endsInMs] = await Promise.all([redis.get(key), redis.pttl(key)]);
  return { count: Number(count ?? 0), endsInSeconds: Math.max(0, endsInMs) / 1000 };
}

async function orUndefined<T>(work: Promise<T>, away: (error: unknown) => void): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    away(error);
    return undefined;
  }
}

function quietly(log: Log): (error: unknown) => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - lastAt < LOG_EVERY_MS) return;
    lastAt = now;
    log.warn({ err: error }, 'redis is away');
  };
}
