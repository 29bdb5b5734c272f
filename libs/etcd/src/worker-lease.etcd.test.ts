import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { decodeId, SnowflakeIds } from '@tradewind/ids';
import { type Clock, systemClock } from '@tradewind/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimKey } from './claim.ts';
import type { EtcdConnection } from './connection.ts';
import { type RealEtcd, realEtcd, testConnection, until, Wire } from './testing.ts';
import { leaseWorker } from './worker-lease.ts';

let server: RealEtcd;
let wire: Wire;
let direct: EtcdConnection;
let etcd: EtcdConnection;

beforeAll(async () => {
  server = await realEtcd();
  wire = await Wire.to(server.endpoint);
});

beforeEach(() => {
  wire.heal();
  direct = testConnection(server.endpoint);
  etcd = testConnection(wire.endpoint, { prefix: direct.prefix });
  return async () => {
    await etcd.close();
    await direct.client.delete().prefix(direct.prefix);
    await direct.close();
  };
});

afterAll(async () => {
  wire.close();
  await server.stop();
});

const dir = (worker: number) => `${direct.prefix}/workers/orders/${worker}`;
const high = async (worker: number): Promise<number> => Number(await direct.client.get(`${dir(worker)}/high`).string());
const setHigh = (worker: number, ms: number) =>
  direct.client.put(`${dir(worker)}/high`).value(String(ms).padStart(15, '0'));
const take = async (workers: Iterable<number>): Promise<void> => {
  for (const worker of workers) await direct.client.put(`${dir(worker)}/claim`).value('test');
};
const allBut = (...free: number[]) => Array.from({ length: 64 }, (_, i) => i).filter((i) => !free.includes(i));

describe('leaseWorker', () => {
  it('gives each of many processes another worker id', async () => {
    const leases = await Promise.all(Array.from({ length: 12 }, () => leaseWorker({ etcd, pool: 'orders' })));
    expect(new Set(leases.map((lease) => lease.worker)).size).toBe(12);
    const elsewhere = await leaseWorker({ etcd, pool: 'refunds' });
    expect(elsewhere.isHeld()).toBe(true);
  });

  it('stores the time before ids use it, and a later claim of the same worker starts above it', async () => {
    await take(allBut(7));
    const first = await leaseWorker({ etcd, pool: 'orders' });
    expect(first.worker).toBe(7);
    const ids = new SnowflakeIds({ lease: first, clock: systemClock });
    const id = decodeId(await ids.mint(3));
    expect(id.worker).toBe(7);
    const mark = await high(7);
    expect(mark).toBeGreaterThan(id.time.getTime());
    await first.stop();
    await expect(async () => ids.mint(3)).rejects.toMatchObject({ code: 'unavailable' });
    const second = await leaseWorker({ etcd, pool: 'orders' });
    expect([second.worker, second.highestTime]).toEqual([7, mark]);
    const next = decodeId(await new SnowflakeIds({ lease: second, clock: systemClock }).mint(3));
    expect(next.time.getTime()).toBeGreaterThan(mark);
    // Waited out, not ridden: a crash loop must not drive the mark ever farther ahead of the clock.
    expect(Date.now()).toBeGreaterThan(mark);
  });

  it('prefers worker ids whose mark is past, and leaves alone those of a clock that was far ahead', async () => {
    await take(allBut(4, 5, 6));
    await setHigh(4, Date.now() + 3_600_000);
    await setHigh(5, Date.now() + 5_000);
    await setHigh(6, Date.now() - 5_000);
    expect((await leaseWorker({ etcd, pool: 'orders' })).worker).toBe(6);
    await take([5]);
    await expect(leaseWorker({ etcd, pool: 'orders', limits: { startMs: 300 } })).rejects.toThrow(
      /63 of 64 are taken, 1 were used by a clock that was far ahead/,
    );
  });

  it('says clearly that etcd is away, after a deadline, and leaves nothing behind', async () => {
    wire.cut();
    await expect(leaseWorker({ etcd, pool: 'orders', limits: { startMs: 500 } })).rejects.toThrow(
      /no worker id of pool orders from etcd at http.* within 500 ms: .*(UNAVAILABLE|Unavailable)/,
    );
    wire.heal();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await direct.client.getAll().prefix(direct.prefix).keys()).toEqual([]);
  });

  it('mints nothing once it is cut off, then goes on under a new claim, without a restart and without a repeat', async () => {
    const lease = await leaseWorker({ etcd, pool: 'orders', limits: { ttlSeconds: 2 } });
    const ids = new SnowflakeIds({ lease, clock: systemClock, limits: { waitMs: 200 } });
    const seen = new Set<string>([await ids.mint(1)]);
    const before = lease.claim;
    wire.mute();
    await until('lost', () => !lease.isHeld(), 3_000);
    expect(() => ids.mint(1)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    wire.heal();
    await until('a new claim', () => lease.isHeld());
    expect(lease.claim).toBe(before + 1);
    for (let i = 0; i < 1_000; i++) seen.add(await ids.mint(1));
    expect(seen.size).toBe(1_001);
  });

  it('refuses to reserve for a claim that etcd gave to somebody else, and gives it up', async () => {
    await take(allBut(9, 10));
    const lease = await leaseWorker({ etcd, pool: 'orders' });
    const worker = lease.worker;
    await lease.reserve(1_000);
    await direct.client.delete().key(`${dir(worker)}/claim`);
    const thief = await claimKey(direct, `${dir(worker)}/claim`, 5);
    await expect(lease.reserve(2_000)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await high(worker)).toBe(1_000);
    await until('another worker', () => lease.isHeld() && lease.worker !== worker);
    await thief?.lease.revoke();
  });

  it('waits out the mark of its worker when the clock was set back', async () => {
    await take(allBut(3));
    const ahead: Clock = { ...systemClock, now: () => Date.now() + 2_000 };
    const before = testConnection(server.endpoint, { prefix: direct.prefix, clock: ahead });
    const first = await leaseWorker({ etcd: before, pool: 'orders' });
    const old = await new SnowflakeIds({ lease: first, clock: ahead, limits: { reserveMs: 500 } }).mint(1);
    await before.close();
    const second = await leaseWorker({ etcd, pool: 'orders' });
    const next = await new SnowflakeIds({ lease: second, clock: systemClock }).mint(1);
    expect(second.worker).toBe(3);
    expect(BigInt(next)).toBeGreaterThan(BigInt(old));
  });
});

describe('a process that is paused past its lease (SIGSTOP, SIGCONT)', () => {
  it(
    'mints nothing under the old claim when it wakes up, while its worker id has a new owner',
    { timeout: 60_000 },
    async () => {
      await take(allBut(20, 21));
      const script = fileURLToPath(new URL('./mint-forever.testing.ts', import.meta.url));
      const args = ['--conditions=tradewind-source', '--no-warnings', script, server.endpoint, direct.prefix];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.on('data', (chunk) => (out += chunk));
      const ids = () =>
        out
          .slice(0, out.lastIndexOf('\n') + 1)
          .split('\n')
          .filter(Boolean);
      try {
        await until('minting', () => ids().length > 50, 20_000);
        const old = decodeId(ids()[0]!).worker;
        child.kill('SIGSTOP');
        await new Promise((resolve) => setTimeout(resolve, 200));
        const beforePause = ids().length;
        await take([old === 20 ? 21 : 20]);
        const heir = await leaseWorker({ etcd: direct, pool: 'orders', limits: { startMs: 20_000 } });
        expect(heir.worker).toBe(old);
        const mine = new SnowflakeIds({ lease: heir, clock: systemClock });
        const heirs = [await mine.mint(1), await mine.mint(1)];
        await direct.client.delete().key(`${dir(old === 20 ? 21 : 20)}/claim`);
        child.kill('SIGCONT');
        await until('minting again', () => ids().length > beforePause + 50, 20_000);
        const after = ids()
          .slice(beforePause)
          .map((id) => decodeId(id).worker);
        // What stood in the pipe or was in hand when the pause came is at most one id; all else bears the new worker.
        expect(after.filter((worker) => worker === old).length).toBeLessThanOrEqual(1);
        const all = [...ids(), ...heirs];
        expect(new Set(all).size).toBe(all.length);
      } finally {
        child.kill('SIGCONT');
        child.kill('SIGKILL');
      }
    },
  );
});
