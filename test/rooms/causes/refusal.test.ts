import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { describeAppSide } from '../../../src/causes/app-side.ts';
import type { Cause, Language, ParamName } from '../../../src/causes/cause.ts';
import { describeFailure } from '../../../src/causes/describe-failure.ts';
import { findCause } from '../../../src/causes/find-cause.ts';
import { formatAmount, formatDay, formatMoment } from '../../../src/causes/format-params.ts';
import { params as paramTable } from '../../../src/causes/lists.ts';
import { causeOfRawCode } from '../../../src/causes/map-raw.ts';
import { encodeParams, type KnownParams, moneyFromParam, moneyToParam } from '../../../src/causes/params.ts';
import { refusal, refusalFrom } from '../../../src/causes/refusal.ts';
import { causeCodes, causeOf } from '../../../src/causes/registry.ts';
import { Problem } from '../../../src/contract/problem.ts';
import { CNY, currencyCode } from '../../../src/kernel/currencies.ts';
import { MAX_MINOR, money } from '../../../src/kernel/money.ts';

const now = new Date('2026-11-22T03:00:00Z');
const tomorrow = new Date('2026-11-22T16:00:00Z');
const bank = { 'zh-CN': '工商银行', en: 'ICBC' };

/** A value of the right kind for every placeholder. */
const everything = {
  ...Object.fromEntries(
    Object.entries(paramTable).map(([name, { kind, example }]) => {
      const values = {
        money: money(5_000n, CNY),
        time: tomorrow,
        count: example,
        name: { 'zh-CN': example, en: 'a name' },
      };
      return [name, values[kind]];
    }),
  ),
  field: 'name',
} as KnownParams;

describe('a refusal', () => {
  it('carries its parameters as plain JSON and the field of its cause', () => {
    const failure = refusal('limit.day', { params: { available: money(123_450n, CNY), until: tomorrow } });
    expect(failure).toMatchObject({
      code: 'limit.day',
      field: 'amount',
      retryAt: tomorrow,
      params: { available: 'CNY 1234.50', until: '2026-11-22T16:00:00.000Z' },
    });
    expect(JSON.parse(JSON.stringify(failure.params))).toEqual(failure.params);
  });
  it('names the field in its words by itself', () => {
    const failure = refusal('input.missing', { field: 'id_number' });
    const { code, params, field } = failure;
    expect(describeFailure({ code, params, field, language: 'zh-CN', now }).detail).toBe(
      '请补上“身份证号”，其他填过的都还在。',
    );
    expect(describeFailure({ code, params, field, language: 'en', now }).detail).toContain('“ID number”');
  });
  it('takes from what is known only what the words need', () => {
    expect(refusalFrom('card.locked', { bank, last4: '0000', left: 3 }).params).toEqual({ bank, last4: '0000' });
  });
  it('keeps what made it happen', () => {
    const cause = new Error('socket closed');
    expect(refusal('otp.expired', { cause }).cause).toBe(cause);
  });
});

describe('a problem document', () => {
  it('never shows a brace, for any cause, with and without its parameters', () => {
    for (const code of causeCodes) {
      for (const language of ['zh-CN', 'en'] as const) {
        for (const known of [everything, {}]) {
          const { params, field } = refusalFrom(code, known);
          const problem: Problem = describeFailure({ code, params, field, language, now });
          expect([...Value.Errors(Problem, problem)]).toEqual([]);
          expect(`${problem.title}${problem.detail}${problem.sideNote}`).not.toMatch(/[{}]|undefined|\[object/);
          expect(problem.detail).toMatch(language === 'en' ? /^[^a-z\u3000-\u9fff].*\.$/ : /。$/);
        }
      }
    }
  });
  it('tells a moment today by its time, and another day with its date, in the time zone of the person', () => {
    const zh = { language: 'zh-CN', now } as const;
    const en = { language: 'en', now } as const;
    expect(formatMoment(new Date('2026-11-22T06:05:00Z'), zh)).toBe('14:05');
    expect(formatMoment(tomorrow, zh)).toBe('11 月 23 日 0:00');
    expect(formatMoment(tomorrow, en)).toBe('0:00 on 23 November');
    expect(formatMoment(new Date('2027-01-02T01:00:00Z'), en)).toBe('9:00 on 2 January 2027');
    expect(formatMoment(tomorrow, { ...en, timeZone: 'Europe/London' })).toBe('16:00');
    expect(formatDay('2026-08-03', zh)).toBe('2026 年 8 月 3 日');
  });
  it('sets sums with their sign, thousands and both decimals', () => {
    expect(formatAmount(money(123_456_789n, CNY))).toBe('¥1,234,567.89');
    expect(formatAmount(money(-5n, CNY))).toBe('−¥0.05');
    const yen = currencyCode('JPY');
    expect(yen && formatAmount(money(1_000n, yen))).toBe('JPY 1,000');
  });
  it('leaves out the clause that nobody can fill, and calls a bank without a name the bank', () => {
    const detail = (code: string, language: Language) => describeFailure({ code, language, now }).detail;
    expect(detail('card.name_mismatch', 'zh-CN')).toBe('只能绑你本人名下的卡。名字登记错了，就打给银行更正。');
    expect(detail('account.frozen_security', 'zh-CN')).toBe('找客服核实是你本人就能恢复。');
    expect(detail('card.lost_or_stolen', 'zh-CN')).toBe('请换一张卡。');
    expect(detail('account.frozen_security', 'en')).toBe('Get help and confirm it’s you.');
    expect(detail('bank.declined_unspecified', 'en')).toBe(
      'The bank gave no reason. Use another card, or call the bank to ask.',
    );
  });
  it('offers nothing that could pay twice while the attempt is open, whatever its cause', () => {
    const offered = (moneyMoved: 'no' | 'unknown') =>
      describeFailure({ code: 'bank.unreachable', language: 'en', now, flow: 'top_up', moneyMoved }).remedies.map(
        (r) => r.action,
      );
    expect(offered('no')).toContain('choose_other_card');
    expect(offered('unknown')).toEqual(['see_status']);
  });
  it('says no money moved in flows that move none, and trusts the record elsewhere', () => {
    const moved = (flow: string, moneyMoved?: 'held') =>
      describeFailure({ code: 'bank.no_answer', language: 'en', now, flow, ...(moneyMoved ? { moneyMoved } : {}) })
        .moneyMoved;
    expect(moved('bind_card')).toBe('no');
    expect(moved('top_up')).toBe('unknown');
    expect(moved('top_up', 'held')).toBe('held');
    expect(describeFailure({ code: 'wallet.fault', language: 'en', now, flow: 'pay' }).moneyMoved).toBe('unknown');
  });
  it('points a remedy at the input that the failure names, or leaves it out', () => {
    const remedies = (field?: string) =>
      describeFailure({ code: 'input.missing', language: 'en', now, field }).remedies;
    expect(remedies('phone')).toEqual([{ action: 'edit_field', target: 'phone', label: 'Edit this' }]);
    expect(remedies()).toEqual([]);
  });
  it('leaves out the remedies that cannot work for this person', () => {
    const { remedies } = describeFailure({
      code: 'card.locked',
      language: 'en',
      now,
      leaveOut: ({ action }) => action === 'choose_other_card',
    });
    expect(remedies.map(({ action }) => action)).toEqual(['call_bank']);
  });
  it('is refused for a code that is no cause', () => {
    expect(findCause('toString')).toBeUndefined();
    expect(() => describeFailure({ code: 'card.vanished', language: 'en', now })).toThrow('no cause');
  });
  it('is made by the app alone for what only it can notice', () => {
    expect(describeAppSide({ code: 'network.interrupted', language: 'zh-CN', now, flow: 'pay' })).toMatchObject({
      code: 'network.interrupted',
      status: 0,
      moneyMoved: 'unknown',
      retry: 'query_first',
    });
  });
});

describe('raw answers', () => {
  const ask = (rail: string, institution: string, rawCode: string, moves = true) =>
    causeOfRawCode({ rail, institution, flow: 'transfer', rawCode }, moves);

  it('mean what they mean at this institution', () => {
    expect(ask('iso20022', 'icbc', 'AM04')).toBe('card.insufficient_funds');
    expect(ask('iso20022', 'CITI', 'AM04')).toBe('bank.risk_refused');
  });
  it('leave the outcome open when nobody mapped them and money may have moved', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (rail, rawCode) => {
        const cause: Cause = causeOf(ask(`x${rail}`, 'icbc', rawCode));
        expect(cause.outcome).toBe('unknown');
        expect(ask(`x${rail}`, 'icbc', rawCode, false)).toBe('bank.declined_unspecified');
      }),
    );
  });
});

describe('parameters', () => {
  it('keep every amount to the last minor unit', () => {
    const currencies = ['CNY', 'JPY', 'BHD', 'CLF']
      .map((code) => currencyCode(code))
      .filter((code) => code !== undefined);
    fc.assert(
      fc.property(fc.bigInt(-MAX_MINOR, MAX_MINOR), fc.constantFrom(...currencies), (minor, currency) => {
        expect(moneyFromParam(moneyToParam(money(minor, currency)))).toEqual(money(minor, currency));
      }),
    );
  });
  it('are not read from anything else', () => {
    for (const text of ['', 'CNY', '500.00', 'CNY 5.0', 'CNY 1e3', 'XXX 5.00', 'CNY 5.001'])
      expect(moneyFromParam(text)).toBeUndefined();
  });
  it('are encoded by name only when they are known', () => {
    const names: ParamName[] = ['left', 'until'];
    expect(encodeParams(names, { until: tomorrow, bank })).toEqual({ until: tomorrow.toISOString() });
  });
});
