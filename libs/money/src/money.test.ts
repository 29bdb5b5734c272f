import { expect, test } from 'vitest';
import { formatMoney, isCurrency, money, multiply, sum } from './index.ts';

test('amounts print with the digits of their own currency', () => {
  expect(formatMoney(money(1999, 'EUR'))).toBe('19.99 EUR');
  expect(formatMoney(money(-5, 'EUR'))).toBe('-0.05 EUR');
  expect(formatMoney(money(1999, 'JPY'))).toBe('1999 JPY');
  expect(formatMoney(money(1999, 'BHD'))).toBe('1.999 BHD');
});

test('a fraction of a minor unit and a sum over two currencies are bugs, not money', () => {
  expect(() => multiply(money(1, 'EUR'), 0.5)).toThrow('not an integer');
  expect(() => sum([money(1, 'EUR'), money(1, 'JPY')], 'EUR')).toThrow('cannot add');
});

test('a name from Object.prototype is no currency', () => {
  expect(isCurrency('EUR')).toBe(true);
  expect(isCurrency('toString')).toBe(false);
});
