import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CNY, currencyCode, currencyDigits } from '../../../src/kernel/currencies.ts';
import {
  add,
  compare,
  isPositive,
  MAX_MINOR,
  money,
  moneyToDecimal,
  moneyToJson,
  subtract,
} from '../../../src/kernel/money.ts';

const small = fc.bigInt(-(10n ** 14n), 10n ** 14n).map((minor) => money(minor, CNY));
const JPY = currencyCode('JPY') ?? CNY;
const BHD = currencyCode('BHD') ?? CNY;

describe('money', () => {
  it('adds and takes away without losing a fen', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(add(a, b).minor).toBe(a.minor + b.minor);
        expect(subtract(add(a, b), b)).toEqual(a);
        expect(add(a, b)).toEqual(add(b, a));
      }),
    );
  });
  it('is ordered like its minor units', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
        expect(compare(a, b) > 0).toBe(a.minor > b.minor);
        expect(isPositive(a)).toBe(a.minor > 0n);
      }),
    );
  });
  it('is written with the digits that ISO 4217 gives', () => {
    expect(moneyToDecimal(money(5n, CNY))).toBe('0.05');
    expect(moneyToDecimal(money(-5n, CNY))).toBe('-0.05');
    expect(moneyToDecimal(money(50_000n, CNY))).toBe('500.00');
    expect(moneyToDecimal(money(500n, JPY))).toBe('500');
    expect(moneyToDecimal(money(1n, BHD))).toBe('0.001');
  });
  it('travels as a decimal string of minor units, which reads back exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(-MAX_MINOR, MAX_MINOR), (minor) => {
        const json = JSON.parse(JSON.stringify(moneyToJson(money(minor, CNY)))) as { minor: string };
        expect(BigInt(json.minor)).toBe(minor);
        expect(Number(json.minor)).toBe(Number(minor));
      }),
    );
  });
  it('refuses what no number of JavaScript could carry, and sums across currencies', () => {
    expect(() => money(MAX_MINOR + 1n, CNY)).toThrow('out of range');
    expect(() => add(money(MAX_MINOR, CNY), money(1n, CNY))).toThrow('out of range');
    expect(() => add(money(1n, CNY), money(1n, JPY))).toThrow('currencies differ');
    expect(() => compare(money(1n, CNY), money(1n, JPY))).toThrow('currencies differ');
  });
});

describe('currencies', () => {
  it('are those of the standard', () => {
    expect(currencyDigits(CNY)).toBe(2);
    expect(currencyDigits(JPY)).toBe(0);
    expect(currencyDigits(BHD)).toBe(3);
    for (const text of ['cny', 'XXX', 'RMB', '', 'toString', '__proto__']) expect(currencyCode(text)).toBeUndefined();
  });
});
