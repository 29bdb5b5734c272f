import type { AccountSheet, LedgerSource, PaymentBranch, PaymentSheet, TransferSum } from './audit-sources.ts';
import { lookUp, type ShardGroup } from './lookup.ts';
import { type Reader, type Span, walk } from './walk.ts';

const BRANCH = 'order_id, attempt, user_id, currency, amount, phase, ask_at';

interface BranchRow {
  readonly order_id: string;
  readonly attempt: number;
  readonly user_id: string;
  readonly currency: string;
  readonly amount: string;
  readonly phase: string;
  readonly ask_at: Date | null;
}

/** Accounts, transfers and payments as the payment shards hold them. */
export function ledgerSource(payments: ShardGroup): LedgerSource {
  return {
    async *accounts() {
      const tables = [
        { table: 'account', id: 'owner_id' },
        { table: 'ledger_line', id: 'owner_id' },
        { table: 'payment_branch', id: 'user_id' },
      ];
      for (const shard of payments.shards.values()) yield* walk(shard, tables, readAccounts);
    },
    async *transfers() {
      for (const shard of payments.shards.values())
        yield* walk(shard, [{ table: 'ledger_line', id: 'transfer_id' }], readTransfers);
    },
    async *payments() {
      const tables = [
        { table: 'payment_branch', id: 'order_id' },
        { table: 'ledger_line', id: 'transfer_id' },
      ];
      for (const shard of payments.shards.values()) yield* walk(shard, tables, readPayments);
    },
    async *branches() {
      for (const shard of payments.shards.values()) {
        yield* walk(shard, [{ table: 'payment_branch', id: 'order_id' }], async (reader, span) => {
          const { sql, values } = span.on('order_id');
          return (await reader.rows<BranchRow>(`SELECT ${BRANCH} FROM payment_branch WHERE ${sql}`, values)).map(
            toBranch,
          );
        });
      }
    },
    async branchesOf(orders) {
      const keys = orders.map(({ slot, orderId }) => [slot, orderId] as const);
      const rows = await lookUp<BranchRow>(payments, keys, {
        columns: BRANCH.replace(/\w+/g, 't.$&'),
        table: 'payment_branch',
        on: 't.slot = wanted.slot AND t.order_id = wanted.id',
      });
      return rows.map(toBranch);
    },
  };
}

async function readAccounts(reader: Reader, span: Span): Promise<AccountSheet[]> {
  const owner = span.on('owner_id');
  const accounts = await reader.rows<AccountKey & { balance: string; frozen: string }>(
    `SELECT slot, kind, owner_id, currency, balance, frozen FROM account WHERE ${owner.sql}`,
    owner.values,
  );
  const sums = await reader.rows<AccountKey & { amount: string }>(
    `SELECT slot, kind, owner_id, currency, SUM(amount) AS amount FROM ledger_line WHERE ${owner.sql}
     GROUP BY slot, kind, owner_id, currency`,
    owner.values,
  );
  const user = span.on('user_id');
  const tries = await reader.rows<AccountKey & { amount: string }>(
    `SELECT slot, 'wallet' AS kind, user_id AS owner_id, currency, SUM(amount) AS amount FROM payment_branch
     WHERE ${user.sql} AND phase = 'tried' GROUP BY slot, user_id, currency`,
    user.values,
  );
  const accountOf = new Map(accounts.map((row) => [nameOf(row), row]));
  const sumOf = new Map(sums.map((row) => [nameOf(row), BigInt(row.amount)]));
  const triedOf = new Map(tries.map((row) => [nameOf(row), BigInt(row.amount)]));
  const all = new Map([...accounts, ...sums, ...tries].map((row) => [nameOf(row), row]));
  return [...all].map(([name, { kind, owner_id, currency }]) => {
    const row = accountOf.get(name);
    return {
      ...{ kind, ownerId: owner_id, currency },
      account: row && { balance: BigInt(row.balance), frozen: BigInt(row.frozen) },
      lineSum: sumOf.get(name) ?? 0n,
      tried: triedOf.get(name) ?? 0n,
    };
  });
}

interface AccountKey {
  readonly slot: number;
  readonly kind: string;
  readonly owner_id: string;
  readonly currency: string;
}

/** Unique within a shard: accounts of the shop exist once in each slot. */
function nameOf({ slot, kind, owner_id, currency }: AccountKey): string {
  return `${slot} ${kind} ${owner_id} ${currency}`;
}

async function readTransfers(reader: Reader, span: Span): Promise<TransferSum[]> {
  const { sql, values } = span.on('transfer_id');
  const rows = await reader.rows<{ transfer_id: string; cause: string; currency: string; amount: string }>(
    `SELECT transfer_id, cause, currency, SUM(amount) AS amount FROM ledger_line WHERE ${sql}
     GROUP BY slot, transfer_id, cause, currency`,
    values,
  );
  return rows.map(({ transfer_id, cause, currency, amount }) => ({
    ...{ transferId: transfer_id, cause, currency },
    sum: BigInt(amount),
  }));
}

async function readPayments(reader: Reader, span: Span): Promise<PaymentSheet[]> {
  interface Sum {
    readonly id: string;
    readonly currency: string;
    /** A branch's phase or a line's cause. */
    readonly what: string;
    readonly amount: string;
  }
  const order = span.on('order_id');
  const branches = await reader.rows<Sum>(
    `SELECT order_id AS id, currency, phase AS what, SUM(amount) AS amount FROM payment_branch
     WHERE ${order.sql} AND phase IN ('confirmed', 'returned') GROUP BY slot, order_id, currency, phase`,
    order.values,
  );
  const transfer = span.on('transfer_id');
  const lines = await reader.rows<Sum>(
    `SELECT transfer_id AS id, currency, cause AS what, SUM(amount) AS amount FROM ledger_line
     WHERE ${transfer.sql} AND kind = 'wallet' AND cause IN ('capture', 'return')
     GROUP BY slot, transfer_id, currency, cause`,
    transfer.values,
  );
  const amounts = new Map(
    [...branches, ...lines].map((row) => [`${row.id} ${row.currency} ${row.what}`, BigInt(row.amount)]),
  );
  const all = new Map([...branches, ...lines].map(({ id, currency }) => [`${id} ${currency}`, { id, currency }]));
  return [...all].map(([name, { id, currency }]) => ({
    ...{ orderId: id, currency },
    confirmed: amounts.get(`${name} confirmed`) ?? 0n,
    returned: amounts.get(`${name} returned`) ?? 0n,
    linesTook: -(amounts.get(`${name} capture`) ?? 0n),
    linesGave: amounts.get(`${name} return`) ?? 0n,
  }));
}

function toBranch({ order_id, attempt, user_id, currency, amount, phase, ask_at }: BranchRow): PaymentBranch {
  return { orderId: order_id, attempt, userId: user_id, currency, amount: BigInt(amount), phase, askAt: ask_at };
}
