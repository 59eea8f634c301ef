import { describe, expect, it } from 'vitest';
import { placedActions } from '../../../src/causes/actions.ts';
import type { Cause } from '../../../src/causes/cause.ts';
import { describeFailure } from '../../../src/causes/describe-failure.ts';
import { params as paramTable } from '../../../src/causes/lists.ts';
import { causeOf, type CauseCode } from '../../../src/causes/registry.ts';
import type { OperationKind } from '../../../src/contract/operations.ts';
import type { Problem } from '../../../src/contract/problem.ts';
import type { Card } from '../../../src/contract/wallet.ts';
import { findLiveCauses } from '../../../tools/find-live-causes.ts';
import { planRemedies, type RemedySetting } from '../../../web/wallet/flows/parts/remedy-plan.ts';

// Every cause that the program can meet now: each of its remedies has a place in the app, and a screen on which the cause
// is met carries it out.

const now = new Date('2026-11-22T06:00:00Z');
const yuan = (minor: string) => ({ minor, currency: 'CNY' });
const card = (id: string): Card => ({
  ...{ id, bankCode: 'ICBC', bankName: 'ICBC', bankHotline: '95588', kind: 'debit', last4: '3391', state: 'ok' },
  ...{ boundAt: now.toISOString(), bankState: 'up', topUp: { available: yuan('100'), allowance: yuan('100') } },
});

/** The inputs that each flow's screens open, as the screens themselves name them. */
const screens: readonly { kind: OperationKind | null; fields: readonly string[]; flows: readonly string[] }[] = [
  { kind: 'open_wallet', fields: ['phone', 'contact', 'otp', 'payment_pin'], flows: ['open', 'sign_in'] },
  { kind: 'verify_identity', fields: ['name', 'id_number'], flows: ['verify_identity'] },
  { kind: 'reset_pin', fields: ['name', 'id_number', 'otp', 'payment_pin'], flows: ['verify_identity', 'sign_in'] },
  { kind: 'bind_card', fields: ['card_number', 'reserved_phone', 'otp'], flows: ['bind_card'] },
  { kind: 'top_up', fields: ['amount', 'payment_pin'], flows: ['top_up'] },
  { kind: 'withdraw', fields: ['amount', 'payment_pin'], flows: ['withdraw'] },
  { kind: 'pay', fields: ['payment_pin', 'qr_code'], flows: ['pay'] },
  { kind: 'transfer', fields: ['amount', 'payee', 'payment_pin'], flows: ['transfer'] },
  { kind: null, fields: ['payment_pin', 'name', 'id_number'], flows: ['manage_card', 'sign_in'] },
];

/** What the failure carries where it names things: an hour from now, sums that leave something, a field of the form. */
function paramsOf(cause: Cause): Record<string, string | number> {
  const value = { money: 'CNY 50.00', time: '2026-11-22T07:00:00.000Z', count: 3, name: 'ICBC' } as const;
  return Object.fromEntries(cause.params.map((name) => [name, value[paramTable[name].kind]]));
}

function settingOf(problem: Problem, { kind, fields }: (typeof screens)[number], isFinal: boolean): RemedySetting {
  return {
    ...{ problem, kind, fields, cards: [card('card_a'), card('card_b')], cardId: 'card_a', amountMinor: 60000n },
    ...{ orderId: null, operationId: 'op_x', isFinal, isCancellable: !isFinal, canResend: !isFinal, here: '/x', now },
  };
}

/** The remedies of this cause that some screen carries out, by action and target. */
function carriedOut(code: CauseCode, screen: (typeof screens)[number]): Set<string> {
  const cause: Cause = causeOf(code);
  const done = new Set<string>();
  const fields = cause.field === '*' ? screen.fields : [cause.field];
  for (const field of fields) {
    for (const isFinal of [true, false]) {
      for (const moneyMoved of ['no', 'unknown'] as const) {
        const problem = describeFailure({
          ...{ code, language: 'en', now, field, params: paramsOf(cause), operation: 'op_x', moneyMoved },
          flow: screen.kind,
        }) as Problem;
        // One at a time, since two that do the same deed are offered once.
        for (const remedy of problem.remedies) {
          const alone = { ...problem, remedies: [remedy] };
          if (planRemedies(settingOf(alone, screen, isFinal)).length === 0) continue;
          done.add(`${remedy.action}:${cause.field === '*' && remedy.target === field ? '*' : remedy.target}`);
        }
      }
    }
  }
  return done;
}

const live = [...findLiveCauses().keys()];
const screensOf = (code: CauseCode) => {
  const { flows } = causeOf(code) as Cause;
  const own = screens.filter((screen) => screen.flows.some((flow) => (flows as readonly string[]).includes(flow)));
  return own.length > 0 ? own : screens;
};

describe('a cause that can be met', () => {
  it('offers nothing that has no place in the app', () => {
    const placed: ReadonlySet<string> = new Set(placedActions);
    const homeless = live.flatMap((code) =>
      (causeOf(code) as Cause).remedies
        .filter(({ action }) => !placed.has(action))
        .map(({ action }) => `${code}: ${action}`),
    );
    expect(homeless).toEqual([]);
  });
  it('has each of its remedies carried out by a screen on which it is met', () => {
    const idle = live.flatMap((code) => {
      const done = new Set(screensOf(code).flatMap((screen) => [...carriedOut(code, screen)]));
      return (causeOf(code) as Cause).remedies
        .map(({ action, target }) => `${action}:${target ?? null}`)
        .filter((key) => !done.has(key))
        .map((key) => `${code}: ${key}`);
    });
    expect(idle).toEqual([]);
  });
});
