import { z } from 'zod';
import { id } from './id.ts';
import { currency, depositAmount, moneySchema } from './money.ts';

/** `balance` holds what is frozen too; what can be spent is balance - frozen. */
export const walletSchema = z.strictObject({ balance: moneySchema, frozen: moneySchema }).meta({ id: 'Wallet' });
export type Wallet = z.infer<typeof walletSchema>;

export const walletQuery = z.strictObject({ currency: currency.default('EUR') });

export const depositBody = z.strictObject({ amount: depositAmount }).meta({ id: 'Deposit' });
export const depositCreated = z
  .strictObject({ depositId: id, amount: moneySchema, wallet: walletSchema })
  .meta({ id: 'DepositCreated' });
export type DepositCreated = z.infer<typeof depositCreated>;
