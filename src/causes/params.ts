import type { FailureParams, LocalText } from '../kernel/failure.ts';
import { currencyCode, currencyDigits } from '../kernel/currencies.ts';
import { type Money, money, moneyToDecimal } from '../kernel/money.ts';
import type { FieldName, ParamName } from './cause.ts';
import type { params } from './lists.ts';

type ParamValues = {
  money: Money;
  /** An instant; for `date` also a day as `2026-08-03`. */
  time: Date | string;
  count: number | string;
  name: LocalText | string;
};

/** What may be given for a placeholder, by its kind. */
export type ParamInput<P extends ParamName> = P extends 'field'
  ? FieldName | LocalText
  : ParamValues[(typeof params)[P]['kind']];

/** Everything that is known about a failure; each cause takes from it what its words need. */
export type KnownParams = { readonly [P in ParamName]?: ParamInput<P> | undefined };

/** An amount inside a failure: `CNY 500.00`. Exact, and readable in a record. */
export const moneyToParam = (amount: Money): string => `${amount.currency} ${moneyToDecimal(amount)}`;

/** Reads what `moneyToParam` wrote; `undefined` for anything else. */
export function moneyFromParam(text: string): Money | undefined {
  const found = /^([A-Z]{3}) (-?)(\d{1,16})(?:\.(\d{1,4}))?$/.exec(text);
  const currency = found ? currencyCode(found[1] ?? '') : undefined;
  if (!found || !currency) return undefined;
  const decimals = found[4] ?? '';
  if (decimals.length !== currencyDigits(currency)) return undefined;
  return money(BigInt(`${found[2]}${found[3]}${decimals}`), currency);
}

/** A parameter as a failure keeps it: plain JSON, instants in ISO 8601. */
function encodeParam(value: Money | Date | string | number | LocalText): string | number | LocalText {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (value instanceof Date) return value.toISOString();
  return 'minor' in value ? moneyToParam(value) : value;
}

/** The named parameters out of all that are known, as a failure keeps them. */
export function encodeParams(names: readonly ParamName[], known: KnownParams): FailureParams {
  const encoded: Record<string, string | number | LocalText> = {};
  for (const name of names) {
    const value = known[name];
    if (value !== undefined) encoded[name] = encodeParam(value);
  }
  return encoded;
}
