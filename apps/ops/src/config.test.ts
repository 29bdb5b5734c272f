import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('names everything that is missing or wrong at once, and no password', () => {
  const env = { ORDER_SHARDS: 'order-0=postgres://u:secret@h/x', ETCD_ENDPOINTS: ' , ' };
  const read = () => readConfig(['ORDER_SHARDS', 'PAYMENT_SHARDS', 'ETCD_ENDPOINTS'], env);
  expect(read).toThrow(/ORDER_SHARDS: .*; PAYMENT_SHARDS is not set; ETCD_ENDPOINTS: /);
  expect(read).not.toThrow(/secret/);
});

test('reads shards by name, and lists', () => {
  const env = { ORDER_SHARDS: 'order-0=mysql://u:p@h:1/a,order-1=mysql://u:p@h:2/b', KAFKA_BROKERS: 'a:1, b:2' };
  const { ORDER_SHARDS, KAFKA_BROKERS } = readConfig(['ORDER_SHARDS', 'KAFKA_BROKERS'], env);
  expect([...ORDER_SHARDS.keys()]).toEqual(['order-0', 'order-1']);
  expect(KAFKA_BROKERS).toEqual(['a:1', 'b:2']);
});
