import { fileURLToPath } from 'node:url';
import type { ServiceClient } from '@tradewind/http';
import { type FreshSchema, freshSchema } from '@tradewind/mysql/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Resolution } from '../order.store.ts';
import { resolutionPorts } from './resolutions.ts';

const FOLDER = fileURLToPath(new URL('../../../../deploy/sql/order', import.meta.url));
/** Ids that a double can't tell apart. */
const [FIRST, SECOND] = ['9007199254740993', '9007199254740994'] as const;

let schema: FreshSchema;

beforeAll(async () => {
  schema = await freshSchema(FOLDER);
});
afterAll(() => schema?.close());

async function note(slot: number, orderId: string, version: number): Promise<void> {
  const at = new Date(0);
  await schema.shard.transaction(async (tx) => {
    await tx.run(
      `INSERT INTO orders (slot, order_id, user_id, status, version, pay_attempt, currency, total, address, created_at, updated_at)
       VALUES (?, ?, 1, 'PAID', 2, 0, 'EUR', 0, '', ?, ?) ON DUPLICATE KEY UPDATE slot = slot`,
      [slot, orderId, at, at],
    );
    await tx.run(
      "INSERT INTO tcc_resolution (slot, order_id, version, action, created_at) VALUES (?, ?, ?, 'confirm', ?)",
      [slot, orderId, version, at],
    );
  });
}

test('notes are read page by page in the order of their keys, none twice and none left out', async () => {
  const keys: [number, string, number][] = [
    [0, SECOND, 2],
    [3, FIRST, 2],
    [3, FIRST, 3],
    [3, SECOND, 2],
    [4, FIRST, 2],
  ];
  for (const [slot, orderId, version] of keys.toReversed()) await note(slot, orderId, version);
  const nobody = {} as ServiceClient;
  const participants = { inventory: nobody, payment: nobody };
  const ports = resolutionPorts(schema.shard, {} as never, participants, { isHeld: () => true });
  const read: [number, string, number][] = [];
  let after: Resolution | undefined;
  do {
    [after] = await ports.pending(new Date(1), 1, after);
    if (after !== undefined) read.push([after.slot, after.orderId, after.version]);
  } while (after !== undefined && read.length <= keys.length);
  expect(read).toEqual(keys);
});
