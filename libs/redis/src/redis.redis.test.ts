import { randomUUID } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { silentLog } from '@tradewind/telemetry';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, type RedisConnection } from './index.ts';

const url = process.env['REDIS_URL'];
if (url === undefined) throw new Error('REDIS_URL must name a Redis server to test against.');

let redis: RedisConnection;
const raw = new Redis(url);
const newKey = (): string => `tw-test-${randomUUID()}`;
const untilUp = async (connection: RedisConnection): Promise<void> => {
  while (!(await connection.ping())) await new Promise((resolve) => setTimeout(resolve, 10));
};

beforeAll(async () => {
  redis = connectRedis({ url, log: silentLog });
  await untilUp(redis);
});
afterAll(async () => {
  await redis.close();
  raw.disconnect();
});

describe('countWithin', () => {
  it('counts what happens at once exactly, within one window', async () => {
    const key = newKey();
    const counts = await Promise.all(Array.from({ length: 100 }, () => redis.countWithin(key, 60)));
    expect(counts.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    await redis.forget(key);
    expect(await redis.countWithin(key, 60)).toBe(1);
    await redis.forget(key);
  });

  it('ends the window at its time, however often it was counted since', async () => {
    const key = newKey();
    await redis.countWithin(key, 1);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await redis.countWithin(key, 1)).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await redis.countWithin(key, 1)).toBe(1);
  });

  it('gives an end to a key that was left without one', async () => {
    const key = newKey();
    await raw.set(key, '5');
    expect(await redis.countWithin(key, 30)).toBe(6);
    expect(await raw.ttl(key)).toBeGreaterThan(0);
    await redis.forget(key);
  });
});

describe('counted', () => {
  it('tells the count and the end of its window without counting', async () => {
    const key = newKey();
    expect(await redis.counted(key)).toEqual({ count: 0, endsInSeconds: 0 });
    await redis.countWithin(key, 60);
    await redis.counted(key);
    const seen = await redis.counted(key);
    expect(seen?.count).toBe(1);
    expect(seen?.endsInSeconds).toBeGreaterThan(58);
    expect(seen?.endsInSeconds).toBeLessThanOrEqual(60);
    await redis.forget(key);
  });
});

describe('without a server', () => {
  it('answers at once and never throws', async () => {
    const away = connectRedis({ url: 'redis://127.0.0.1:1', log: silentLog });
    expect([
      await away.ping(),
      await away.countWithin('k', 60),
      await away.counted('k'),
      await away.forget('k'),
    ]).toEqual([false, undefined, undefined, undefined]);
    await away.close();
  });

  it('answers in time when the server takes the connection and says nothing', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const { port } = mute.address() as { port: number };
    const stuck = connectRedis({ url: `redis://127.0.0.1:${port}`, log: silentLog });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    expect(await stuck.countWithin('k', 60)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(1_000);
    await stuck.close();
    mute.close();
  });

  it('works again by itself when the server is back', async () => {
    let refused = 0;
    const gate = createServer((socket) => (refused++ < 3 ? socket.destroy() : pipeTo(socket, url))).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => gate.once('listening', resolve));
    const { port } = gate.address() as { port: number };
    const returning = connectRedis({ url: `redis://127.0.0.1:${port}`, log: silentLog });
    expect(await returning.countWithin('k', 60)).toBeUndefined();
    await untilUp(returning);
    expect(refused).toBeGreaterThan(3);
    await returning.close();
    gate.close();
  });
});

function pipeTo(socket: Socket, target: string): void {
  const { hostname, port } = new URL(target);
  const upstream = connect(Number(port || 6379), hostname);
  socket.pipe(upstream).pipe(socket);
  for (const end of [socket, upstream]) end.on('error', () => {});
}
