import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { SERVER_NAMES, firstEndpoint, mustAnswer, splitByAddress } from './addresses.mjs';

describe('an address in the environment', () => {
  it('takes the place of a server of our own', () => {
    const { given, missing } = splitByAddress(SERVER_NAMES, { KAFKA_BROKERS: 'k:9092', DB_B_URL: 'mysql://u@h' });
    expect(given).toEqual(['db-b', 'kafka']);
    expect(missing).toEqual(['db-a', 'elasticsearch', 'etcd', 'redis']);
  });

  it('does not when it is empty', () => {
    expect(splitByAddress(['redis'], { REDIS_URL: '' }).missing).toEqual(['redis']);
  });

  it.each(
    /** @type {const} */ ([
      ['kafka', 'broker-1:9093,broker-2:9094', 'broker-1', 9093],
      ['kafka', 'broker-1', 'broker-1', 9092],
      ['etcd', 'http://10.0.0.1:2379,http://10.0.0.2:2379', '10.0.0.1', 2379],
      ['elasticsearch', 'http://search:80', 'search', 80],
      ['elasticsearch', 'https://search', 'search', 9200],
      ['db-a', 'mysql://u:p%40ss@db:3307/x', 'db', 3307],
      ['redis', 'redis://[::1]:6380', '::1', 6380],
    ]),
  )('of %s in the form %s is understood', (name, address, host, port) => {
    expect(firstEndpoint(name, address)).toEqual({ host, port });
  });

  it.each(['', '://', 'http://'])('that is none is refused by its variable: %j', (address) => {
    expect(() => firstEndpoint('redis', address)).toThrow('REDIS_URL is set, but it is no address');
  });

  it('at which nothing answers is refused by name before anything is started', async () => {
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {net.AddressInfo} */ (server.address());
    const env = { ETCD_ENDPOINTS: `http://127.0.0.1:${port}` };
    await mustAnswer('etcd', env);
    await new Promise((resolve) => server.close(resolve));
    await expect(mustAnswer('etcd', env)).rejects.toThrow(`nothing answers at 127.0.0.1:${port}`);
  });
});
