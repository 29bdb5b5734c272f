/**
 * Digits after the decimal point for each currency that the shop may price in. Source: ISO 4217, list one (minor unit column).
 * A currency that is not in the table is refused: a guessed exponent is off by a factor of ten or more.
 */
// prettier-ignore
export const MINOR_UNITS = {
  AED: 2, AUD: 2, BHD: 3, BRL: 2, CAD: 2, CHF: 2, CLP: 0, CNY: 2, CZK: 2, DKK: 2, EUR: 2, GBP: 2, HKD: 2, HUF: 2, IDR: 2,
  ILS: 2, INR: 2, ISK: 0, JOD: 3, JPY: 0, KRW: 0, KWD: 3, MXN: 2, MYR: 2, NOK: 2, NZD: 2, OMR: 3, PHP: 2, PLN: 2, RON: 2,
  SAR: 2, SEK: 2, SGD: 2, THB: 2, TND: 3, TRY: 2, TWD: 2, UAH: 2, USD: 2, VND: 0, ZAR: 2,
} as const;

export type Currency = keyof typeof MINOR_UNITS;

export const CURRENCIES = Object.keys(MINOR_UNITS) as [Currency, ...Currency[]];

export function isCurrency(value: unknown): value is Currency {
  return typeof value === 'string' && Object.hasOwn(MINOR_UNITS, value);
}
