import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CNY } from '../../../src/kernel/currencies.ts';
import { compare, money } from '../../../src/kernel/money.ts';
import {
  balancePaymentLimits,
  classAllows,
  classFor,
  classNameOf,
  classNeededFor,
  codeTier,
  codeTierFor,
  dayLimit,
  dayLimitRule,
  nextClass,
} from '../../../src/policy/decide.ts';
import { dayOf, spanAt, startOfDay } from '../../../src/policy/periods.ts';
import { findPolicy, policyAt } from '../../../src/policy/policy-at.ts';

const instant = fc.date({
  min: new Date('1992-01-01T00:00:00Z'),
  max: new Date('2099-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const SHANGHAI = 'Asia/Shanghai';
const yuan = (amount: bigint) => money(amount * 100n, CNY);
const pack = policyAt(new Date('2026-11-22T00:00:00Z'));

describe('the pack for China', () => {
  it('is found by its id, which decisions record', () => {
    expect(pack.id).toBe('china-2026-11');
    expect(findPolicy(pack.id)).toBe(pack);
    expect(findPolicy('china-1999-01')).toBeUndefined();
  });
  it('is in force from the first moment of its day in Shanghai, and covers the time before the first pack', () => {
    fc.assert(fc.property(instant, (moment) => policyAt(moment).id === 'china-2026-11'));
  });
  it('has classes by the channels that confirmed the identity', () => {
    expect([0, 1, 2, 3, 4, 5, 9].map((channels) => classFor(pack, channels))).toEqual([0, 1, 1, 2, 2, 3, 3]);
    expect([0, 1, 2, 3].map((c) => nextClass(pack, c as 0 | 1 | 2 | 3)?.channels)).toEqual([1, 3, 5, undefined]);
  });
  it('limits payments from the balance by class', () => {
    expect(balancePaymentLimits(pack, 0)).toBeUndefined();
    expect(balancePaymentLimits(pack, 1)).toEqual({ amount: yuan(1_000n), period: 'lifetime' });
    expect(balancePaymentLimits(pack, 2)).toEqual({ amount: yuan(100_000n), period: 'year' });
    expect(balancePaymentLimits(pack, 3)).toEqual({ amount: yuan(200_000n), period: 'year' });
  });
  it('opens functions by class', () => {
    expect(classAllows(pack, 0, 'pay')).toBe(false);
    expect(classAllows(pack, 1, 'transfer')).toBe(true);
    expect(classAllows(pack, 2, 'buy_wealth_products')).toBe(false);
    expect(classNeededFor(pack, 'buy_wealth_products')).toBe(3);
    expect(classNameOf(2)['zh-CN']).toBe('二类账户');
  });
  it('limits a day by the strength of the proof, and bears the loss of the weakest', () => {
    expect(dayLimit(pack, 'certificate')).toBeNull();
    expect(dayLimit(pack, 'two_factors')).toEqual(yuan(5_000n));
    expect(dayLimitRule(pack, 'fewer_factors')).toMatchObject({ amount: yuan(1_000n), lossBorneByUs: true });
  });
  it('puts a printed code into the lowest tier, whatever the proof', () => {
    for (const strength of ['certificate', 'two_factors', 'fewer_factors'] as const) {
      expect(codeTierFor(pack, 'static', strength)).toMatchObject({ tier: 'D', dayLimit: yuan(500n) });
    }
    expect(codeTierFor(pack, 'dynamic', 'two_factors')).toBe(codeTier(pack, 'B'));
  });
  it('names a source for every rule', () => {
    const rules = Object.keys(pack).filter(
      (key) => !['id', 'place', 'currency', 'timeZone', 'effectiveFrom', 'sources'].includes(key),
    );
    expect(Object.keys(pack.sources).sort()).toEqual(rules.sort());
  });
  it('never gives more channels a lower class or a smaller allowance', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const [lower, higher] = [classFor(pack, low), classFor(pack, high)];
        expect(lower).toBeLessThanOrEqual(higher);
        const [less, more] = [balancePaymentLimits(pack, lower), balancePaymentLimits(pack, higher)];
        if (less && more) expect(compare(less.amount, more.amount)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('a span of the rules', () => {
  it('begins and ends at midnight in Shanghai', () => {
    const late = new Date('2026-12-31T15:59:59.999Z');
    const next = new Date('2026-12-31T16:00:00.000Z');
    expect(spanAt('day', late, SHANGHAI)).toEqual({
      key: '2026-12-31',
      startsAt: new Date('2026-12-30T16:00:00Z'),
      endsAt: next,
    });
    expect(spanAt('year', late, SHANGHAI).key).toBe('2026');
    expect(spanAt('year', next, SHANGHAI)).toMatchObject({ key: '2027', startsAt: next });
    expect(spanAt('month', next, SHANGHAI).key).toBe('2027-01');
    expect(spanAt('lifetime', next, SHANGHAI)).toEqual({ key: 'lifetime', startsAt: null, endsAt: null });
  });
  it('holds its instant, and is followed by the next without a gap, also where clocks change', () => {
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom('day', 'month', 'year'),
        fc.constantFrom(SHANGHAI, 'UTC', 'Europe/London', 'America/New_York'),
        (moment, period, zone) => {
          const span = spanAt(period, moment, zone);
          expect(span.startsAt?.getTime()).toBeLessThanOrEqual(moment.getTime());
          expect(span.endsAt?.getTime()).toBeGreaterThan(moment.getTime());
          expect(spanAt(period, span.startsAt ?? moment, zone)).toEqual(span);
          expect(spanAt(period, span.endsAt ?? moment, zone).startsAt).toEqual(span.endsAt);
        },
      ),
    );
  });
  it('is told apart by its key', () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const [one, other] = [spanAt('day', a, SHANGHAI), spanAt('day', b, SHANGHAI)];
        expect(one.key === other.key).toBe(one.startsAt?.getTime() === other.startsAt?.getTime());
      }),
    );
  });
  it('begins with the day that it is named after', () => {
    fc.assert(
      fc.property(instant, (moment) => {
        expect(startOfDay(dayOf(moment, SHANGHAI), SHANGHAI)).toEqual(spanAt('day', moment, SHANGHAI).startsAt);
      }),
    );
  });
});
