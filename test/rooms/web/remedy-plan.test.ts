import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../../src/causes/describe-failure.ts';
import { registry } from '../../../src/causes/registry.ts';
import type { Problem } from '../../../src/contract/problem.ts';
import type { Card } from '../../../src/contract/wallet.ts';
import { safeReturn } from '../../../web/wallet/flows/paths.ts';
import { passingMinor, planRemedies, type RemedySetting } from '../../../web/wallet/flows/parts/remedy-plan.ts';

const now = new Date('2026-11-22T06:00:00Z');
const problemOf = (code: string, params: Record<string, string | number> = {}, more: object = {}): Problem =>
  describeFailure({ code, params, language: 'en', now, flow: 'top_up', ...more }) as Problem;

const yuan = (minor: string) => ({ minor, currency: 'CNY' });
const card = (id: string, more: Partial<Card> = {}): Card => ({
  id,
  bankCode: 'ICBC',
  bankName: 'ICBC',
  bankHotline: '95588',
  kind: 'debit',
  last4: '3391',
  boundAt: now.toISOString(),
  state: 'ok',
  bankState: 'up',
  topUp: { available: yuan('100'), allowance: yuan('100') },
  ...more,
});

const settingOf = (problem: Problem, more: Partial<RemedySetting> = {}): RemedySetting => ({
  problem,
  kind: 'top_up',
  fields: ['amount', 'payment_pin'],
  cards: [card('card_a')],
  cardId: 'card_a',
  amountMinor: 60000n,
  orderId: null,
  operationId: 'op_x',
  isFinal: true,
  isCancellable: false,
  canResend: false,
  here: '/top-up',
  now,
  ...more,
});
const plansOf = (setting: RemedySetting) => planRemedies(setting).map(({ plan }) => plan);

describe('what the buttons of a failure do', () => {
  test('with one other good card it is named on the button', () => {
    const setting = settingOf(problemOf('card.expired'), {
      cards: [card('card_a'), card('card_b', { last4: '7702' })],
    });
    expect(plansOf(setting)[0]).toMatchObject({ does: 'use_card', card: { id: 'card_b' } });
  });
  test('without another card the way leads to adding one and back, offered once', () => {
    expect(plansOf(settingOf(problemOf('card.expired')))).toEqual([
      { does: 'go', to: '/bind?return=%2Ftop-up' },
      { does: 'call', bankName: 'ICBC', number: '95588' },
    ]);
  });
  test('a card in trouble or of a bank that is down is not offered', () => {
    const cards = [card('card_a'), card('card_b', { state: 'card.locked' }), card('card_c', { bankState: 'down' })];
    expect(plansOf(settingOf(problemOf('card.expired'), { cards }))[0]).toMatchObject({ does: 'go' });
  });
  test('the amount is lowered to what is left of the limit', () => {
    const problem = problemOf('limit.day', { available: 'CNY 300.00', until: '2026-11-22T16:00:00Z' });
    expect(passingMinor(problem)).toBe(30000n);
    expect(plansOf(settingOf(problem))[0]).toEqual({ does: 'lower', minor: 30000n });
    expect(
      plansOf(settingOf(problemOf('limit.day', { available: 'CNY 0.00' }))).some((plan) => plan.does === 'lower'),
    ).toBe(false);
  });
  test('what is missing from the balance is what the top-up begins with', () => {
    const setting = settingOf(problemOf('account.insufficient_balance', { available: 'CNY 100.00' }), {
      kind: 'pay',
      fields: [],
      here: '/pay/x',
    });
    expect(plansOf(setting)[0]).toEqual({ does: 'go', to: '/top-up?minor=50000&return=%2Fpay%2Fx' });
  });
  test('waiting is offered only until the moment has come', () => {
    const problem = problemOf('security.pin_locked', { until: '2026-11-22T09:00:00Z' });
    expect(plansOf(settingOf(problem))).toContainEqual({ does: 'wait', until: new Date('2026-11-22T09:00:00Z') });
    const later = plansOf(settingOf(problem, { now: new Date('2026-11-22T10:00:00Z') }));
    expect(later.some((plan) => plan.does === 'wait')).toBe(false);
  });
  test('while the outcome is open nothing is offered that could pay twice', () => {
    const problem = problemOf('bank.no_answer', {}, { moneyMoved: 'unknown', operation: 'op_x' });
    for (const plan of plansOf(settingOf(problem, { isFinal: false }))) expect(['ask', 'sheet']).toContain(plan.does);
  });
  test('a sum that the bank does not name is the person’s to lower', () => {
    const problem = problemOf('card.insufficient_funds', { last4: '3391' });
    expect(plansOf(settingOf(problem))).toContainEqual({ does: 'edit', field: 'amount' });
  });
  test('a locked PIN leads to its reset and back, and a bank that is down to another try', () => {
    expect(plansOf(settingOf(problemOf('security.pin_locked')))[0]).toEqual({
      does: 'go',
      to: '/pin/reset?return=%2Ftop-up',
    });
    expect(plansOf(settingOf(problemOf('bank.unreachable')))[0]).toEqual({ does: 'again' });
  });
  test('the bank of a card that is not bound yet can be called', () => {
    const bank = { bankName: 'CCB', number: '95533' };
    const setting = settingOf(problemOf('card.id_mismatch'), { kind: 'bind_card', cards: [], cardId: null, bank });
    expect(plansOf(setting)[0]).toEqual({ does: 'call', ...bank });
  });
  test('who withdraws more than there is takes what there is, and is not sent to top up', () => {
    const withAvailable = (sum: string) => problemOf('account.insufficient_balance', { available: sum });
    const problem = withAvailable('CNY 653.20');
    const plans = plansOf(settingOf(problem, { kind: 'withdraw', amountMinor: 900_000n }));
    expect(plans[0]).toEqual({ does: 'lower', minor: 65_320n });
    expect(plans.some((plan) => plan.does === 'go' && plan.to.startsWith('/top-up'))).toBe(false);
    expect(plansOf(settingOf(withAvailable('CNY 0.00'), { kind: 'withdraw', amountMinor: 900n }))[0]).toMatchObject({
      does: 'go',
    });
  });
  test('a field that this screen has not is never offered for editing', () => {
    for (const [code] of Object.entries(registry)) {
      for (const plan of plansOf(settingOf(problemOf(code), { fields: ['amount'] }))) {
        if (plan.does === 'edit') expect(plan.field).toBe('amount');
      }
    }
  });
});

test('one comes back only to an address inside the app', () => {
  expect(safeReturn('/pay/ord_1?x=1')).toBe('/pay/ord_1?x=1');
  for (const text of ['//evil.example', '/\\evil', 'https://evil.example', 'javascript:alert(1)', null]) {
    expect(safeReturn(text)).toBeUndefined();
  }
});
