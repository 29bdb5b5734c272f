import { duplicateKey, marks, type SqlValue, type Tx } from '@tradewind/mysql';
import type { AccountRow } from './account.row.ts';
import { type AccountKey, BALANCE_MOST, type Posting, postingsOf, type Transfer } from './ledger.ts';

/** Why a transfer was not posted; nothing of it is to stay: let the transaction fail. */
export type NotPosted = 'posted-before' | 'wallet-full' | 'wallet-short';

const ONE_ACCOUNT = 'slot = ? AND kind = ? AND owner_id = ? AND currency = ?';

/** @returns false when less than `amount` is free, or there is no such account */
export async function freezeMoney(tx: Tx, account: AccountKey, amount: number): Promise<boolean> {
  // A free order asks nothing of a wallet, not even that there is one.
  if (amount === 0) await insertAccount(tx, account);
  const changed = await tx.run(
    `UPDATE account SET frozen = frozen + ?, version = version + 1 WHERE ${ONE_ACCOUNT} AND balance - frozen >= ?`,
    [amount, ...valuesOf(account), amount],
  );
  return changed === 1;
}

/** @returns false when less than `amount` is frozen */
export async function thawMoney(tx: Tx, account: AccountKey, amount: number): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE account SET frozen = frozen - ?, version = version + 1 WHERE ${ONE_ACCOUNT} AND frozen >= ?`,
    [amount, ...valuesOf(account), amount],
  );
  return changed === 1;
}

/**
 * Posts a transfer: both balances and both lines. A capture takes what its try has frozen.
 * @returns why not, if not
 */
export async function postTransfer(tx: Tx, transfer: Transfer, at: Date): Promise<NotPosted | undefined> {
  const postings = postingsOf(transfer);
  const [wallet, other] = postings;
  const moved = await moveWallet(tx, transfer, wallet);
  if (!moved) return transfer.cause === 'deposit' ? 'wallet-full' : 'wallet-short';
  await moveShopAccount(tx, other);
  try {
    await insertLines(tx, transfer, postings, at);
  } catch (error) {
    if (duplicateKey(error) === undefined) throw error;
    return 'posted-before';
  }
  return undefined;
}

export async function readAccount(
  tx: Pick<Tx, 'rows'>,
  account: AccountKey,
): Promise<Pick<AccountRow, 'balance' | 'frozen'> | undefined> {
  const [row] = await tx.rows<Pick<AccountRow, 'balance' | 'frozen'>>(
    `SELECT balance, frozen FROM account WHERE ${ONE_ACCOUNT}`,
    valuesOf(account),
  );
  return row;
}

async function moveWallet(tx: Tx, { cause, amount }: Transfer, wallet: Posting): Promise<boolean> {
  if (cause === 'capture') return spendFrozen(tx, wallet.account, amount);
  if (cause === 'return') return gain(tx, wallet, Number.MAX_SAFE_INTEGER);
  if (await gain(tx, wallet, BALANCE_MOST)) return true;
  // No account yet, or no room: the same question again, now that there is one.
  await insertAccount(tx, wallet.account);
  return gain(tx, wallet, BALANCE_MOST);
}

async function spendFrozen(tx: Tx, account: AccountKey, amount: number): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE account SET balance = balance - ?, frozen = frozen - ?, version = version + 1
     WHERE ${ONE_ACCOUNT} AND frozen >= ? AND balance >= ?`,
    [amount, amount, ...valuesOf(account), amount, amount],
  );
  return changed === 1;
}

async function gain(tx: Tx, { account, amount }: Posting, balanceMost: number): Promise<boolean> {
  const changed = await tx.run(
    `UPDATE account SET balance = balance + ?, version = version + 1 WHERE ${ONE_ACCOUNT} AND balance + ? <= ?`,
    [amount, ...valuesOf(account), amount, balanceMost],
  );
  return changed === 1;
}

async function moveShopAccount(tx: Tx, { account, amount }: Posting): Promise<void> {
  await tx.run(
    `INSERT INTO account (slot, kind, owner_id, currency, balance, frozen, version) VALUES (?, ?, ?, ?, ?, 0, 1)
     ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance), version = version + 1`,
    [...valuesOf(account), amount],
  );
}

/** Makes an empty account; one that is there stays as it is. */
async function insertAccount(tx: Tx, account: AccountKey): Promise<void> {
  await tx.run(
    `INSERT INTO account (slot, kind, owner_id, currency, balance, frozen, version) VALUES (?, ?, ?, ?, 0, 0, 1)
     ON DUPLICATE KEY UPDATE kind = kind`,
    valuesOf(account),
  );
}

async function insertLines(
  tx: Tx,
  { slot, transferId, cause }: Transfer,
  postings: readonly Posting[],
  at: Date,
): Promise<void> {
  await tx.run(
    `INSERT INTO ledger_line (slot, transfer_id, cause, line_no, kind, owner_id, currency, amount, at)
     VALUES ${marks(postings.length, 9)}`,
    postings.flatMap(({ account, amount }, index): SqlValue[] => [
      ...[slot, transferId, cause, index + 1],
      ...[account.kind, account.ownerId, account.currency, amount, at],
    ]),
  );
}

function valuesOf({ slot, kind, ownerId, currency }: AccountKey): SqlValue[] {
  return [slot, kind, ownerId, currency];
}
