export { CURRENCIES, type Currency, isCurrency, MINOR_UNITS } from './currency.ts';
export { AMOUNT_MOST, formatMoney, type Money, money, multiply, PRICE_MOST, sum } from './money.ts';
