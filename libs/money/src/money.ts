import { invariant } from '@tradewind/errors';
import { type Currency, MINOR_UNITS } from './currency.ts';

/** An amount in integer minor units (cents, yen, fils) of one currency; |amount| <= 2^53 - 1, so that a JSON number holds it. */
export interface Money {
  readonly amount: number;
  readonly currency: Currency;
}

/** The most that one amount may be in minor units; sums of 100 lines of 10,000 units at `PRICE_MOST` stay within it. */
export const AMOUNT_MOST = 9_000_000_000_000_000;
/** The dearest unit price and the largest single deposit, in minor units. */
export const PRICE_MOST = 1_000_000_000;

export function money(amount: number, currency: Currency): Money {
  invariant(Number.isSafeInteger(amount), `not an integer amount: ${amount}`);
  return { amount, currency };
}

/** @returns price times quantity; the bounds of both keep it a safe integer, which is asserted. */
export function multiply(price: Money, quantity: number): Money {
  return money(price.amount * quantity, price.currency);
}

/** @returns the sum; all parts must share `currency`. */
export function sum(parts: readonly Money[], currency: Currency): Money {
  let total = 0;
  for (const part of parts) {
    invariant(part.currency === currency, `cannot add ${part.currency} to ${currency}`);
    total += part.amount;
  }
  return money(total, currency);
}

/** @returns the amount for people, such as `12.99 EUR`, `1299 JPY`, `1.299 BHD`. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = MINOR_UNITS[currency];
  const whole = Math.abs(amount)
    .toString()
    .padStart(digits + 1, '0');
  const cut = whole.length - digits;
  return `${amount < 0 ? '-' : ''}${whole.slice(0, cut)}${digits ? '.' : ''}${whole.slice(cut)} ${currency}`;
}
