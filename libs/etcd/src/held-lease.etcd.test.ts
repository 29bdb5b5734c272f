import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimKey, raiseMark, readMark } from './claim.ts';
import type { EtcdConnection } from './connection.ts';
import { HeldLease } from './held-lease.ts';
import { type RealEtcd, realEtcd, testConnection, until, Wire } from './testing.ts';

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

const isThere = async (key: string): Promise<boolean> => (await direct.client.get(key).string()) !== null;

describe('HeldLease', () => {
  it('lives past its TTL by being renewed, and its keys with it', async () => {
    const claim = await claimKey(etcd, `${etcd.prefix}/a`, 2);
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    expect(claim?.lease.isHeld()).toBe(true);
    expect(await isThere(`${etcd.prefix}/a`)).toBe(true);
    await claim?.lease.revoke();
    expect(claim?.lease.isHeld()).toBe(false);
    expect(await isThere(`${etcd.prefix}/a`)).toBe(false);
  });

  it('is over for its holder before it is over for etcd, when the holder is cut off', async () => {
    const claim = await claimKey(etcd, `${etcd.prefix}/a`, 3);
    wire.mute();
    await claim?.lease.over;
    expect(claim?.lease.isHeld()).toBe(false);
    expect(await isThere(`${etcd.prefix}/a`)).toBe(true);
  });

  it('survives a cut that is shorter than its TTL', async () => {
    const lease = await HeldLease.grant(etcd, 3);
    wire.cut();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    wire.heal();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(lease.isHeld()).toBe(true);
  });

  it('hears that somebody revoked it at the next renewal', async () => {
    const lease = await HeldLease.grant(etcd, 2);
    await direct.client.leaseClient.leaseRevoke({ ID: lease.id });
    await until('lost', () => !lease.isHeld(), 1_500);
    await lease.revoke();
  });
});

describe('claimKey', () => {
  it('gives a key to one of many at once, with a revision that rises from claim to claim', async () => {
    const key = `${etcd.prefix}/b`;
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimKey(etcd, key, 5)));
    const winners = claims.filter((claim) => claim !== undefined);
    expect(winners).toHaveLength(1);
    await winners[0]?.lease.revoke();
    const next = await claimKey(etcd, key, 5);
    expect(next!.revision).toBeGreaterThan(winners[0]!.revision);
  });

  it('leaves no lease behind where it lost', async () => {
    const granted: string[] = [];
    const grant = etcd.client.leaseClient.leaseGrant.bind(etcd.client.leaseClient);
    etcd.client.leaseClient.leaseGrant = async (...args) => {
      const answer = await grant(...args);
      granted.push(answer.ID);
      return answer;
    };
    await Promise.all(Array.from({ length: 8 }, () => claimKey(etcd, `${etcd.prefix}/e`, 60)));
    const { leases } = await direct.client.leaseClient.leaseLeases();
    expect(granted.length).toBeGreaterThan(1);
    expect(leases.filter(({ ID }) => granted.includes(ID))).toHaveLength(1);
  });

  it('turns a lost answer into a definite no: the key that was made is gone', async () => {
    const start = etcd.client.if.bind(etcd.client);
    etcd.client.if = (...args) => {
      const transaction = start(...args);
      const commit = transaction.commit.bind(transaction);
      transaction.commit = () => commit().then(() => Promise.reject(new Error('answer lost')));
      return transaction;
    };
    await expect(claimKey(etcd, `${etcd.prefix}/f`, 60)).rejects.toThrow('answer lost');
    expect(await isThere(`${etcd.prefix}/f`)).toBe(false);
  });

  it('fences: a mark is not raised under a claim that is over, though its holder still believes in it', async () => {
    const key = `${etcd.prefix}/c`;
    const stale = (await claimKey(etcd, key, 5))!;
    await direct.client.delete().key(key);
    const fresh = (await claimKey(direct, key, 5))!;
    expect(stale.lease.isHeld()).toBe(true);
    expect(await readMark(etcd, `${key}/mark`)).toBe(0);
    expect(await raiseMark(etcd, stale, `${key}/mark`, 1)).toBe(false);
    expect(await raiseMark(direct, fresh, `${key}/mark`, 2)).toBe(true);
    expect(await readMark(direct, `${key}/mark`)).toBe(2);
  });

  it('never lowers a mark: a call whose answer was lost may be applied after its successor', async () => {
    const claim = (await claimKey(etcd, `${etcd.prefix}/d`, 5))!;
    const key = `${etcd.prefix}/d/mark`;
    await readMark(etcd, key);
    expect(await raiseMark(etcd, claim, key, 10_000)).toBe(true);
    expect(await raiseMark(etcd, claim, key, 9_999)).toBe(true);
    expect(await readMark(etcd, key)).toBe(10_000);
    expect(await raiseMark(etcd, claim, key, 10_000)).toBe(true);
    expect(await readMark(etcd, key)).toBe(10_000);
  });
});
