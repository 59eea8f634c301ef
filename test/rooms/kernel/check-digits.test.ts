import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageOn, isIdNumber, readIdNumber, yearsSince } from '../../../src/kernel/id-number.ts';
import { isLuhn } from '../../../src/kernel/luhn.ts';

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((list) => list.join(''));
const withCheckDigit = (body: string): string => {
  const digit = [...'0123456789'].find((candidate) => isLuhn(body + candidate));
  return body + (digit ?? '');
};

describe('the check digit of a card number', () => {
  it('is right in numbers that are known to be right', () => {
    for (const number of ['4111111111111111', '378282246310005', '6222020000000000000', '30569309025904']) {
      expect(isLuhn(number)).toBe(true);
    }
  });
  it('exists exactly once for every body', () => {
    fc.assert(
      fc.property(digits(11, 18), (body) => {
        expect([...'0123456789'].filter((digit) => isLuhn(body + digit))).toHaveLength(1);
      }),
    );
  });
  it('finds every single slip of the finger', () => {
    fc.assert(
      fc.property(digits(11, 18), fc.nat(), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const number = withCheckDigit(body);
        const i = at % number.length;
        const slipped = number.slice(0, i) + ((Number(number[i]) + by) % 10) + number.slice(i + 1);
        expect(isLuhn(slipped)).toBe(false);
      }),
    );
  });
  it('is never right in what is no card number', () => {
    for (const text of [
      '',
      '0',
      '4111 1111 1111 1111',
      '４１１１１１１１１１１１１１１１',
      '00000000000',
      '0'.repeat(20),
    ]) {
      expect(isLuhn(text)).toBe(false);
    }
  });
});

describe('an ID number', () => {
  it('is read by GB 11643', () => {
    expect(readIdNumber('11010519491231002X')).toEqual({
      normalised: '11010519491231002X',
      birthDate: '1949-12-31',
      sex: 'female',
      place: '110105',
    });
    for (const number of ['11010519491231002x', '440524188001010014', '513101198201130014']) {
      expect(isIdNumber(number)).toBe(true);
    }
  });
  it('cannot be right with another check character', () => {
    for (const last of '0123456789') expect(isIdNumber(`11010519491231002${last}`)).toBe(false);
  });
  it('cannot be right with a day that never was', () => {
    const correct = (body: string): string | undefined => [...'0123456789X'].map((c) => body + c).find(isIdNumber);
    expect(correct('11010519900228001')).toBeDefined();
    expect(correct('11010520000229001')).toBeDefined();
    for (const day of ['19900229', '19000229', '19900431', '19901301', '19900001', '19900100', '17990101']) {
      expect(correct(`110105${day}001`)).toBeUndefined();
    }
  });
  it('finds every single slip of the finger', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('11010519491231002X', '513101198201130014'),
        fc.nat(16),
        fc.integer({ min: 1, max: 9 }),
        (id, i, by) => {
          expect(isIdNumber(id.slice(0, i) + ((Number(id[i]) + by) % 10) + id.slice(i + 1))).toBe(false);
        },
      ),
    );
  });
  it('is no 15-digit number, no number with spaces, and no text', () => {
    for (const text of ['', '110105491231002', '110105 19491231 002X', 'X1010519491231002X', '11010519491231002Ⅹ']) {
      expect(isIdNumber(text)).toBe(false);
    }
  });
});

describe('an age', () => {
  it('grows on the birthday, for a leap day on the first of March', () => {
    expect(yearsSince('2000-02-29', '2017-02-28')).toBe(16);
    expect(yearsSince('2000-02-29', '2017-03-01')).toBe(17);
    expect(yearsSince('2010-11-22', '2026-11-21')).toBe(15);
    expect(yearsSince('2010-11-22', '2026-11-22')).toBe(16);
    expect(yearsSince('2027-01-01', '2026-12-31')).toBe(-1);
  });
  it('goes by the day in China', () => {
    expect(ageOn('513101198201130014', new Date('2026-01-12T15:59:59Z'))).toBe(43);
    expect(ageOn('513101198201130014', new Date('2026-01-12T16:00:00Z'))).toBe(44);
  });
});
