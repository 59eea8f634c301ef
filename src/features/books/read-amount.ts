import { CNY, currencyCode } from '../../kernel/currencies.ts';
import { MAX_MINOR, money, type Money, type MoneyJson } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';

/** An amount as the wire carries it, as money in yuan above zero. Causes: `policy.currency_unsupported`, `input.amount_invalid`. */
export function readAmount(shape: MoneyJson): Money {
  const currency = currencyCode(shape.currency);
  if (currency !== CNY) {
    throw refusal('policy.currency_unsupported', {
      params: { currency: shape.currency, accepted: { 'zh-CN': '人民币', en: 'Chinese yuan' } },
    });
  }
  const minor = /^-?(0|[1-9][0-9]{0,15})$/.test(shape.minor) ? BigInt(shape.minor) : 0n;
  if (minor <= 0n || minor > MAX_MINOR) throw refusal('input.amount_invalid', { params: { example: '88.50' } });
  return money(minor, CNY);
}
