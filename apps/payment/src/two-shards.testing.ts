import { fileURLToPath } from 'node:url';
import type { Currency } from '@tradewind/money';
import type { Shards } from '@tradewind/mysql';
import { type TwoShards, twoShards as openTwoShards } from '@tradewind/mysql/testing';
import { orderSlot } from '@tradewind/sharding';
import { AccountRow } from './account.row.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../deploy/sql/payment', import.meta.url));

export type { TwoShards } from '@tradewind/mysql/testing';

/** Two shards of this service's schema, side by side. */
export const twoShards = (): Promise<TwoShards> => openTwoShards('payment', MIGRATIONS, [AccountRow]);

let last = 0;

/** @returns an id that no test has used */
export function freshId(): string {
  last += 1;
  return String(6_000_000_000_000_000_000n + BigInt(last));
}

export interface Balances {
  readonly balance: number;
  readonly frozen: number;
}

/** Fills a wallet straight in the tables, without a ledger line. */
export async function fillWallet(shards: Shards, userId: string, balance: number): Promise<string> {
  const slot = orderSlot(userId);
  await shards
    .at(slot)
    .shard.transaction((tx) =>
      tx.run(
        "INSERT INTO account (slot, kind, owner_id, currency, balance, frozen, version) VALUES (?, 'wallet', ?, 'EUR', ?, 0, 1)",
        [...[slot, userId], balance],
      ),
    );
  return userId;
}

export async function balancesOf(shards: Shards, userId: string, currency: Currency = 'EUR'): Promise<Balances> {
  const slot = orderSlot(userId);
  const [row] = await shards
    .at(slot)
    .shard.read<Record<string, string>>(
      "SELECT balance, frozen FROM account WHERE slot = ? AND kind = 'wallet' AND owner_id = ? AND currency = ?",
      [slot, userId, currency],
    );
  return { balance: Number(row?.['balance'] ?? 0), frozen: Number(row?.['frozen'] ?? 0) };
}

/** What the books say against themselves, on all shards; empty when all is well. */
export async function bookErrors(shards: Shards): Promise<unknown[]> {
  const checks = [
    'SELECT slot, transfer_id, cause, SUM(amount) AS off FROM ledger_line GROUP BY slot, transfer_id, cause HAVING SUM(amount) <> 0 OR COUNT(*) <> 2',
    `SELECT a.slot, a.kind, a.owner_id, a.balance, COALESCE(SUM(l.amount), 0) AS booked FROM account a
     LEFT JOIN ledger_line l ON l.slot = a.slot AND l.kind = a.kind AND l.owner_id = a.owner_id AND l.currency = a.currency
     GROUP BY a.slot, a.kind, a.owner_id, a.currency, a.balance HAVING a.balance <> COALESCE(SUM(l.amount), 0)`,
    `SELECT a.slot, a.owner_id, a.frozen FROM account a
     LEFT JOIN payment_branch b ON b.slot = a.slot AND b.user_id = a.owner_id AND b.currency = a.currency AND b.phase = 'tried'
     WHERE a.kind = 'wallet' GROUP BY a.slot, a.owner_id, a.currency, a.frozen HAVING a.frozen <> COALESCE(SUM(b.amount), 0)`,
    "SELECT * FROM account WHERE kind = 'wallet' AND balance < frozen",
    'SELECT 1 AS off FROM account HAVING COALESCE(SUM(balance), 0) <> 0',
  ];
  const found = await Promise.all(shards.all().flatMap((shard) => checks.map((sql) => shard.read(sql))));
  return found.flat();
}
