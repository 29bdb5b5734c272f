import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EtcdConnection } from './connection.ts';
import { holdDuty } from './duty.ts';
import { type RealEtcd, realEtcd, testConnection, until, Wire } from './testing.ts';

let server: RealEtcd;
let wire: Wire;
let near: EtcdConnection;
let far: EtcdConnection;

beforeAll(async () => {
  server = await realEtcd();
  wire = await Wire.to(server.endpoint);
});

beforeEach(() => {
  wire.heal();
  near = testConnection(server.endpoint);
  far = testConnection(wire.endpoint, { prefix: near.prefix });
  return async () => {
    await Promise.all([near.close(), far.close()]);
    const cleaner = testConnection(server.endpoint);
    await cleaner.client.delete().prefix(near.prefix);
    await cleaner.close();
  };
});

afterAll(async () => {
  wire.close();
  await server.stop();
});

describe('holdDuty', () => {
  it('is held by one at a time, and passes on within a second of a stop, with a higher token', async () => {
    const first = holdDuty({ etcd: near, name: 'relay/order-0' });
    await until('held', () => first.isHeld());
    const second = holdDuty({ etcd: far, name: 'relay/order-0' });
    const other = holdDuty({ etcd: far, name: 'relay/order-1' });
    await until('another duty', () => other.isHeld());
    expect(second.isHeld()).toBe(false);
    expect(second.token).toBe(0);
    await first.stop();
    expect(first.isHeld()).toBe(false);
    await until('taken over', () => second.isHeld(), 1_000);
    expect(second.token).toBeGreaterThan(first.token);
  });

  it('passes on within a second when the whole connection is closed', async () => {
    const first = holdDuty({ etcd: far, name: 'a' });
    await until('held', () => first.isHeld());
    const second = holdDuty({ etcd: near, name: 'a' });
    await far.close();
    expect(first.isHeld()).toBe(false);
    await until('taken over', () => second.isHeld(), 1_000);
  });

  it('is given up by a holder that is cut off before anybody else can take it, and won back later', async () => {
    const cutOff = holdDuty({ etcd: far, name: 'a', ttlSeconds: 2 });
    await until('held', () => cutOff.isHeld());
    const successor = holdDuty({ etcd: near, name: 'a', ttlSeconds: 2 });
    let both = 0;
    const observer = setInterval(() => (both += cutOff.isHeld() && successor.isHeld() ? 1 : 0), 1);
    wire.mute();
    await until('taken over', () => successor.isHeld());
    expect(cutOff.isHeld()).toBe(false);
    wire.heal();
    const successorToken = successor.token;
    await successor.stop();
    await until('won back', () => cutOff.isHeld());
    clearInterval(observer);
    expect(both).toBe(0);
    expect(cutOff.token).toBeGreaterThan(successorToken);
  });

  it('campaigns for ever: it may be started while etcd is away', async () => {
    wire.cut();
    const duty = holdDuty({ etcd: far, name: 'a' });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(duty.isHeld()).toBe(false);
    wire.heal();
    await until('held', () => duty.isHeld());
  });

  it('can be stopped while it campaigns, and while etcd is away', async () => {
    const holder = holdDuty({ etcd: near, name: 'a' });
    await until('held', () => holder.isHeld());
    const waiting = holdDuty({ etcd: far, name: 'a' });
    await waiting.stop();
    wire.cut();
    const away = holdDuty({ etcd: far, name: 'b' });
    await away.stop();
    expect([waiting.isHeld(), away.isHeld(), holder.isHeld()]).toEqual([false, false, true]);
  });

  it('hands a duty around among many without two holders at once, tokens rising', async () => {
    const tokens: number[] = [];
    const duties = new Set(Array.from({ length: 6 }, (_, i) => holdDuty({ etcd: i % 2 ? near : far, name: 'hot' })));
    while (duties.size > 0) {
      await until('a holder', () => [...duties].some((duty) => duty.isHeld()));
      const holders = [...duties].filter((duty) => duty.isHeld());
      expect(holders).toHaveLength(1);
      tokens.push(holders[0]!.token);
      duties.delete(holders[0]!);
      await holders[0]!.stop();
    }
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(6);
  });
});
