import { currencyCode, currencyDigits } from '../../src/kernel/currencies.ts';

/** An amount as the wire carries it: minor units as a decimal string. */
export type WireMoney = { minor: string; currency: string };

export type MoneyParts = { negative: boolean; mark: string; figure: string };

const MARKS: Readonly<Record<string, string>> = { CNY: '¥', JPY: '¥', USD: '$', EUR: '€', GBP: '£', HKD: 'HK$' };

/** The text of an amount in its parts, from whole minor units: no float ever holds it. */
export function moneyParts({ minor, currency }: WireMoney): MoneyParts {
  const code = currencyCode(currency);
  const digits = code === undefined ? 0 : currencyDigits(code);
  const value = BigInt(minor);
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const whole = (digits === 0 ? text : text.slice(0, -digits)).replace(/\B(?=(\d{3})+$)/g, ',');
  return {
    negative: value < 0n,
    mark: MARKS[currency] ?? `${currency} `,
    figure: digits === 0 ? whole : `${whole}.${text.slice(-digits)}`,
  };
}

/** `¥1,234.50`; a true minus before it when it is below nought. */
export function formatMoney(amount: WireMoney): string {
  const { negative, mark, figure } = moneyParts(amount);
  return `${negative ? '−' : ''}${mark}${figure}`;
}

/** `¥200`: a round sum that was chosen or is allowed, without its noughts after the point. */
export const formatWhole = (amount: WireMoney): string => formatMoney(amount).replace(/\.0+$/, '');

/** The figure alone: `1,234.50`. */
export const formatFigure = (amount: WireMoney): string => moneyParts(amount).figure;

export const isZero = (amount: WireMoney): boolean => BigInt(amount.minor) === 0n;

export const addMoney = (a: WireMoney, b: WireMoney): WireMoney => ({
  minor: (BigInt(a.minor) + BigInt(b.minor)).toString(),
  currency: a.currency,
});

export const subtractMoney = (a: WireMoney, b: WireMoney): WireMoney => ({
  minor: (BigInt(a.minor) - BigInt(b.minor)).toString(),
  currency: a.currency,
});

/** Which part of the whole, between 0 and 1, for drawing a bar only. */
export function partOf(part: WireMoney, whole: WireMoney): number {
  const total = BigInt(whole.minor);
  if (total <= 0n) return 0;
  const share = Number((BigInt(part.minor) * 1000n) / total) / 1000;
  return Math.min(1, Math.max(0, share));
}
