import { describe, expect, it } from 'vitest';
import { isLuhn } from '../../../src/kernel/luhn.ts';
import { bankNameOf, findBank } from '../../../src/policy/banks.ts';
import { findCardBin, recogniseCard } from '../../../src/policy/card-bins.ts';
import { binGroups } from '../../../src/policy/data/bin-groups.ts';
import { bankDirectory } from '../../../src/policy/data/bank-directory.ts';

const every = binGroups.flatMap((group) =>
  group.prefixes.flatMap((line) => line.split(' ')).map((prefix) => ({ ...group, prefix })),
);

describe('the table of card ranges', () => {
  it('holds 1784 ranges, each prefix once for each length', () => {
    expect(every).toHaveLength(1784);
    expect(new Set(every.map(({ prefix, length }) => `${prefix} ${length}`)).size).toBe(1784);
    expect(every.filter(({ prefix, length }) => !/^[0-9]{3,10}$/.test(prefix) || length < 13 || length > 20)).toEqual(
      [],
    );
  });
  it('finds each range by a number of its length, or one that is more exact', () => {
    for (const { prefix, length } of every) {
      const found = findCardBin(prefix.padEnd(length, '0'));
      expect(found?.length).toBe(length);
      expect(found?.prefix.startsWith(prefix)).toBe(true);
    }
  });
  it('knows the bank of every range', () => {
    expect(every.filter(({ bankCode }) => findBank(bankCode) === undefined)).toEqual([]);
  });
});

describe('a card number', () => {
  it('is recognised by the longest prefix with its length', () => {
    expect(findCardBin('6222020000000000000')).toMatchObject({ bankCode: 'ICBC', kind: 'debit', length: 19 });
    expect(findCardBin('6222300000000003')).toMatchObject({ bankCode: 'ICBC', kind: 'credit', length: 16 });
    for (const sample of ['6222020000000000000', '6212260000000000000', '6212250000000000002', '6230620000000000007']) {
      expect(isLuhn(sample)).toBe(true);
      expect(findCardBin(sample)?.bankCode).toBe('ICBC');
    }
  });
  it('of the same first digits and another length is another range', () => {
    const lengths = every.filter(({ prefix }) => prefix === '622302').map(({ length }) => length);
    expect(lengths).toHaveLength(2);
    for (const length of lengths) expect(findCardBin('622302'.padEnd(length, '0'))?.length).toBe(length);
  });
  it('that nobody listed is of no bank we know, which is not the same as no card', () => {
    expect(findCardBin('9999990000000000000')).toBeUndefined();
    expect(findCardBin('62220200')).toBeUndefined();
    expect(findCardBin('')).toBeUndefined();
  });
  it('shows its bank while it is typed', () => {
    expect(recogniseCard('62')).toBeUndefined();
    expect(recogniseCard('622202')).toMatchObject({ bankCode: 'ICBC', length: 19 });
    expect(recogniseCard('6222020000000000000')).toMatchObject({ bankCode: 'ICBC' });
    expect(recogniseCard('62220200000000000000')).toBeUndefined();
  });
});

describe('a bank', () => {
  it('has names in both languages and a hotline, in the directory', () => {
    expect(bankDirectory).toHaveLength(15);
    expect(findBank('ICBC')).toMatchObject({ hotline: '95588', shortName: { 'zh-CN': '工商银行', en: 'ICBC' } });
    expect(bankDirectory.filter(({ hotline }) => !/^95[0-9]{3}$/.test(hotline ?? ''))).toEqual([]);
  });
  it('that we do not know is called the bank', () => {
    expect(bankNameOf('NOBODY')).toEqual({ 'zh-CN': '银行', en: 'the bank' });
    expect(findBank('toString')).toBeUndefined();
  });
});
