import { assert } from './assert.ts';
import { currencyDigits, type CurrencyCode } from './currencies.ts';

/** An amount in minor units (fen for CNY) of one currency. Never a float. */
export type Money = {
  readonly minor: bigint;
  readonly currency: CurrencyCode;
  readonly __money: true;
};

/** The largest amount that any single movement may carry (minor units). */
export const MAX_MINOR = 9_007_199_254_740_991n;

export function money(minor: bigint, currency: CurrencyCode): Money {
  assert(minor >= -MAX_MINOR && minor <= MAX_MINOR, 'amount out of range');
  return { minor, currency } as Money;
}

const sameCurrency = (a: Money, b: Money) => assert(a.currency === b.currency, 'currencies differ');

export function add(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return money(a.minor + b.minor, a.currency);
}

export function subtract(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return money(a.minor - b.minor, a.currency);
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compare(a: Money, b: Money): number {
  sameCurrency(a, b);
  return a.minor < b.minor ? -1 : a.minor > b.minor ? 1 : 0;
}

export const isPositive = (amount: Money): boolean => amount.minor > 0n;

/** `money` as JSON carries it: minor units as a decimal string. */
export type MoneyJson = { minor: string; currency: string };

export const moneyToJson = (amount: Money): MoneyJson => ({
  minor: amount.minor.toString(),
  currency: amount.currency,
});

/** The amount in major units with a point, for texts of messages and logs; screens use the formatter of web/ui. */
export function moneyToDecimal(amount: Money): string {
  const digits = currencyDigits(amount.currency);
  const sign = amount.minor < 0n ? '-' : '';
  const text = (amount.minor < 0n ? -amount.minor : amount.minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
