import type { Wallet } from '@tradewind/contracts';
import { type Currency, money } from '@tradewind/money';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AccountKind } from './ledger.ts';

/** An account. BIGINT columns are decimal strings. */
@Entity({ name: 'account' })
export class AccountRow {
  @PrimaryColumn({ name: 'slot', type: 'smallint', unsigned: true })
  slot!: number;

  @PrimaryColumn({ name: 'kind', type: 'varchar', length: 8 })
  kind!: AccountKind;

  @PrimaryColumn({ name: 'owner_id', type: 'bigint', unsigned: true })
  ownerId!: string;

  @PrimaryColumn({ name: 'currency', type: 'char', length: 3 })
  currency!: Currency;

  @Column({ name: 'balance', type: 'bigint' })
  balance!: string;

  @Column({ name: 'frozen', type: 'bigint' })
  frozen!: string;

  @Column({ name: 'version', type: 'bigint', unsigned: true })
  version!: string;
}

/** The wallet as its owner sees it; one that was never used is empty. */
export function walletOf(row: Pick<AccountRow, 'balance' | 'frozen'> | null | undefined, currency: Currency): Wallet {
  return { balance: money(Number(row?.balance ?? 0), currency), frozen: money(Number(row?.frozen ?? 0), currency) };
}
