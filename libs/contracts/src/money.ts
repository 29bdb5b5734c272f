import { AMOUNT_MOST, CURRENCIES, PRICE_MOST } from '@tradewind/money';
import { z } from 'zod';

export const currency = z.enum(CURRENCIES).meta({ id: 'Currency', description: 'ISO 4217 code' });

/** Any amount that an answer may hold, in integer minor units. */
export const moneySchema = z.strictObject({ amount: z.int().min(-AMOUNT_MOST).max(AMOUNT_MOST), currency }).meta({
  id: 'Money',
  description: 'Integer minor units of one currency',
  example: { amount: 1999, currency: 'EUR' },
});

/** A price: free is allowed, owing is not. */
export const priceSchema = z.strictObject({ amount: z.int().min(0).max(PRICE_MOST), currency }).meta({ id: 'Price' });

/** An amount that is moved: at least one minor unit. */
export const depositAmount = z
  .strictObject({ amount: z.int().min(1).max(PRICE_MOST), currency })
  .meta({ id: 'DepositAmount' });
