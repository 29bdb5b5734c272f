import net from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LaunchError } from './launch-error.mjs';
import { PORT_RANGE, choosePorts, isPortFree, recallPorts, rememberPorts } from './ports.mjs';
import { temporaryFolder } from './temporary-folder.testing.mjs';

describe('the choice of ports', () => {
  const stranger = net.createServer();
  let taken = 0;

  beforeAll(async () => {
    await new Promise((resolve) => stranger.listen(0, '127.0.0.1', () => resolve(undefined)));
    taken = /** @type {net.AddressInfo} */ (stranger.address()).port;
  });
  afterAll(() => void stranger.close());

  it('refuses a told port that is in use, naming the port and whose it was to be', async () => {
    await expect(choosePorts({ names: ['kafka'], told: { kafka: taken } })).rejects.toThrow(
      new LaunchError(`Port ${taken}, told for kafka, is already in use on 127.0.0.1: free it or choose another.`),
    );
  });

  it('refuses one port told for two', async () => {
    const port = (await choosePorts({ names: ['a'] }))['a'] ?? 0;
    await expect(choosePorts({ names: ['a', 'b'], told: { a: port, b: port } })).rejects.toThrow('told for b');
  });

  it.each([-1, 1.5, 65_536])('refuses %d, which is no port', async (port) => {
    await expect(choosePorts({ names: ['a'], told: { a: port } })).rejects.toThrow('must be 1 to 65535');
  });

  it('takes yesterday’s port when it is free, and another when it is not', async () => {
    const { a: free = 0 } = await choosePorts({ names: ['a'] });
    const chosen = await choosePorts({ names: ['a', 'b'], remembered: { a: free, b: taken } });
    expect(chosen['a']).toBe(free);
    expect(chosen['b']).not.toBe(taken);
  });

  it('lets a told port win over the same one remembered for another name', async () => {
    const { a: free = 0 } = await choosePorts({ names: ['a'] });
    const chosen = await choosePorts({ names: ['a', 'b'], told: { b: free }, remembered: { a: free } });
    expect(chosen['b']).toBe(free);
    expect(chosen['a']).not.toBe(free);
  });

  it('gives no port twice, also when chance does', async () => {
    const draws = [0.1, 0.1, 0.1, 0.2, 0.3];
    const chosen = await choosePorts({ names: ['a', 'b'], random: () => draws.shift() ?? Math.random() });
    expect(chosen['a']).not.toBe(chosen['b']);
  });

  it('stays below the ports that Linux gives to outgoing connections', async () => {
    const chosen = await choosePorts({
      names: ['low', 'high'],
      random: (() => {
        const d = [0, 0.99999];
        return () => d.shift() ?? Math.random();
      })(),
    });
    for (const port of Object.values(chosen)) {
      expect(port).toBeGreaterThanOrEqual(PORT_RANGE.first);
      expect(port).toBeLessThan(32_768);
    }
  });

  it('gives up with a sentence when all are in use', async () => {
    await expect(choosePorts({ names: ['a', 'b'], random: () => 0.5 })).rejects.toThrow('No free port');
  });

  it('remembers over runs, adding to what is there', () => {
    const file = path.join(temporaryFolder(), 'ports.json');
    expect(recallPorts(file)).toEqual({});
    rememberPorts(file, { a: 1, b: 2 });
    rememberPorts(file, { b: 3 });
    expect(recallPorts(file)).toEqual({ a: 1, b: 3 });
  });

  it('tells a taken port from a free one', async () => {
    expect(await isPortFree(taken)).toBe(false);
  });
});
