import { describe, expect, it } from 'vitest';
import { SERVICE_NAMES, serviceEnv, systemEnv } from './environment.mjs';

const SERVERS = {
  DB_A_URL: 'mysql://tw:secret@127.0.0.1:3401',
  DB_B_URL: 'mysql://tw:secret@127.0.0.1:3402',
  KAFKA_BROKERS: '127.0.0.1:9092',
  ELASTICSEARCH_URL: 'http://127.0.0.1:9200',
  ETCD_ENDPOINTS: 'http://127.0.0.1:2379',
  REDIS_URL: 'redis://127.0.0.1:6379',
};
const SECRETS = {
  JWT_SECRET: 'j',
  INTERNAL_TOKEN: 'i',
  CURSOR_SECRET: 'c',
  STAFF_PASSWORD: 's',
  DB_PASSWORD: 'never passed on by itself',
  DB_ROOT_PASSWORD: 'never passed on',
};

describe('the environment of the system', () => {
  const env = systemEnv({ servers: SERVERS, secrets: SECRETS });

  it('lays the even shards on db-a and the odd ones on db-b', () => {
    expect(env['ORDER_SHARDS']?.split(',')).toEqual([
      'order-0=mysql://tw:secret@127.0.0.1:3401/tw_order_0',
      'order-1=mysql://tw:secret@127.0.0.1:3402/tw_order_1',
      'order-2=mysql://tw:secret@127.0.0.1:3401/tw_order_2',
      'order-3=mysql://tw:secret@127.0.0.1:3402/tw_order_3',
    ]);
    expect(env['STOREFRONT_SHARDS']).toMatch(
      /^storefront-0=.+3401\/tw_storefront_0,storefront-1=.+3402\/tw_storefront_1$/,
    );
  });

  it('gives tests schemas of their own', () => {
    const own = systemEnv({ servers: SERVERS, secrets: SECRETS, schemaPrefix: 'tw_test_xyz' });
    expect(own['PAYMENT_SHARDS']).toContain('/tw_test_xyz_payment_1');
  });

  it.each([
    ['a comma and an equals sign in a password', 'mysql://u:a,b=c@h:1', 'u:a%2Cb%3Dc@h:1/'],
    ['a password that is encoded already', 'mysql://u:a%2Fb%40c@h:1', 'u:a%2Fb%40c@h:1/'],
    ['no port', 'mysql://u:p@h', 'u:p@h:3306/'],
    ['a path and options, which belong to no shard', 'mysql://u:p@h:1/mysql?ssl=0', 'u:p@h:1/tw_order_0'],
  ])('keeps a list of shards readable with %s', (_, DB_A_URL, expected) => {
    const shards = systemEnv({ servers: { ...SERVERS, DB_A_URL }, secrets: SECRETS })['ORDER_SHARDS'] ?? '';
    expect(shards).toContain(expected);
    expect(shards.split(',')).toHaveLength(4);
  });

  it.each([
    ['missing', undefined, 'DB_A_URL is not set.'],
    ['of another kind', 'postgres://u@h', 'DB_A_URL must begin with mysql://'],
    ['no URL', 'localhost', 'DB_A_URL is no URL'],
  ])('says so when a database is %s', (_, DB_A_URL, message) => {
    expect(() => systemEnv({ servers: { ...SERVERS, DB_A_URL }, secrets: SECRETS })).toThrow(message);
  });

  it('passes through what the caller may set, and nothing else of the caller', () => {
    const caller = { LOG_LEVEL: 'debug', ORDER_PAYMENT_TIMEOUT_SECONDS: '3', NODE_OPTIONS: '--inspect' };
    const given = systemEnv({ servers: SERVERS, secrets: SECRETS, caller });
    expect(given).toMatchObject({ LOG_LEVEL: 'debug', ORDER_PAYMENT_TIMEOUT_SECONDS: '3' });
    expect(given).not.toHaveProperty('NODE_OPTIONS');
    expect(env).not.toHaveProperty('ORDER_PAYMENT_TIMEOUT_SECONDS');
  });

  it('does not tell the services the launcher secrets of the databases', () => {
    expect(JSON.stringify(env)).not.toContain('never passed on');
  });

  it('gives each service its own port and state, and the same addresses to all', () => {
    const system = systemEnv({ servers: SERVERS, secrets: SECRETS, ports: { order: 9001 } });
    const [storefront, order] = [serviceEnv(system, 'storefront', '/data'), serviceEnv(system, 'order', '/data')];
    expect(order).toMatchObject({
      HTTP_PORT: '9001',
      STATE_DIR: '/data/state/order',
      STOREFRONT_URL: 'http://127.0.0.1:8080',
    });
    expect(storefront).toMatchObject({ HTTP_PORT: '8080', ORDER_URL: 'http://127.0.0.1:9001' });
    expect(new Set(SERVICE_NAMES.map((name) => serviceEnv(system, name, '/data')['HTTP_PORT'])).size).toBe(
      SERVICE_NAMES.length,
    );
  });
});
