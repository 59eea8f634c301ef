import type { Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Mode } from '../../sandbox/behaviours.ts';
import type { OperationOf, OperationShape } from '../../src/contract/operations.ts';
import type { Balance, ServiceStatus } from '../../src/contract/wallet.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, sampleCard } from '../support/samples.ts';
import {
  asOwner,
  expectFailure,
  expectRefused,
  expectRefusedStart,
  letTimePass,
  type Told,
  closeRight,
} from '../support/told.ts';
import { until } from '../support/until.ts';
import { bindCard, goodPin, move, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/**
 * The banks fail in every way they can, with the money under way. Each case has a card of its own at a bank of its
 * own and an amount that nobody else uses, so that the bank's books tell how often it was moved.
 */

type Kind = 'top_up' | 'withdraw';
const banks = ['ICBC', 'CCB', 'ABC', 'BOC', 'COMM', 'CMB'] as const;
const cards = new Map<string, string>();
let wallet: TestWallet;
let me: Api;
let last = 1000;

beforeAll(async () => {
  wallet = await startWallet();
  me = await openVerified(wallet, ming);
  for (const bank of banks) {
    const card = sampleCard(ming, { bankCode: bank });
    await wallet.sandbox.setCard(card.number, { balance: '5000000' });
    cards.set(bank, await bindCard(wallet, me, card));
  }
  await move(me, 'top_up', { cardId: cards.get('CCB'), amount: yuan('2000.00') });
});
afterAll(() => closeRight(wallet));

/** One case at a time at each bank, since a bank has one behaviour. */
const lanes = new Map<string, Promise<unknown>>();
let nextLane = 0;
function atSomeBank<T>(work: (bank: string) => Promise<T>): Promise<T> {
  const bank = banks[nextLane++ % banks.length] ?? 'ICBC';
  const turn = (lanes.get(bank) ?? Promise.resolve()).then(() => work(bank));
  lanes.set(
    bank,
    turn.catch(() => undefined),
  );
  return turn;
}

type Try = { id: string; input: object; fen: string; now: OperationShape };

/** Starts and confirms; how it stands when the wallet knows more, or as soon as it answers at all. */
async function attempt(kind: Kind, bank: string, answer: 'step' | 'stepOnce' = 'step'): Promise<Try> {
  last += 1;
  const fen = String(last);
  const id = newPublicId('op');
  const input = { cardId: cards.get(bank), amount: { minor: fen, currency: 'CNY' } };
  await me.start(kind, input, id);
  return { id, input, fen, now: await me[answer](id, 'confirm', { pin: goodPin }) };
}

/** How often the bank moved exactly this amount. */
async function timesMoved(fen: string): Promise<number> {
  const { entries } = await wallet.sandbox.books();
  return entries.filter((entry) => entry.amount === fen && entry.kind !== 'reversal').length;
}

async function ended(id: string): Promise<OperationShape> {
  await until(async () => ['succeeded', 'failed', 'in_review'].includes((await me.operation(id)).state), 'an end');
  return me.operation(id);
}

const eventsOf = async (id: string) => (await me.operation(id)).timeline.map(({ event }) => event);

async function expectMovedOnce({ id, fen }: Try): Promise<void> {
  const operation = (await ended(id)) as OperationOf<Kind>;
  expect(operation).toMatchObject({ state: 'succeeded', moneyMoved: 'yes', failure: null });
  expect(await timesMoved(fen)).toBe(1);
  const listed = await me.get<{ transactions: { amount: { minor: string } }[] }>('/v1/transactions?limit=100');
  expect(listed.transactions.filter(({ amount }) => amount.minor === fen)).toHaveLength(1);
}

async function expectNotMoved({ id, fen }: Try, told: Told): Promise<void> {
  expect(await ended(id)).toMatchObject({ state: 'failed', moneyMoved: 'no', result: null });
  await expectFailure(me, id, told);
  expect(await timesMoved(fen)).toBe(0);
}

const open = (code: Told['code'], side: Told['side'] = 'bank'): Told => ({
  code,
  side,
  retry: 'query_first',
  moneyMoved: 'unknown',
});
const unreachable = (): Told => ({ code: reproduces('bank.unreachable'), side: 'bank', retry: 'later' });
const requestOf = (kind: Kind) => (kind === 'top_up' ? 'debits' : 'credits');

describe.concurrent.each(['top_up', 'withdraw'] as const)('%s: carried out, and the answer', (kind) => {
  const lost: Mode[] = [
    'lose_answer',
    'cut_answer',
    'broken_body',
    'unsigned',
    'wrong_signature',
    'stale_answer',
    'fault_500_after',
  ];
  test.each(lost)('is gone (%s): it is asked for, and the money moves once', (mode) =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode, times: 1, only: requestOf(kind) });
      const tried = await attempt(kind, bank);
      const { state, moneyMoved, failure } = tried.now;
      // On a slow machine it has been asked for by now.
      if (state === 'succeeded') expect(await eventsOf(tried.id)).toContain('bank_silent');
      else {
        expect({ state, moneyMoved }).toEqual({ state: 'asking', moneyMoved: 'unknown' });
        expect(failure).toMatchObject({ code: reproduces('bank.no_answer'), retry: 'query_first', side: 'bank' });
      }
      await expectMovedOnce(tried);
    }));
  test('never comes (silent): it is asked for, and the money moves once', () =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'silent', times: 1, only: requestOf(kind) });
      await expectMovedOnce(await attempt(kind, bank));
    }));
  test('comes after nobody waits for it any more', () =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'slow', delayMs: 9000, times: 1, only: requestOf(kind) });
      await expectMovedOnce(await attempt(kind, bank));
    }));
  test('is slow, but comes', () =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'slow', delayMs: 4500, times: 1, only: requestOf(kind) });
      const tried = await attempt(kind, bank, 'stepOnce');
      expect(tried.now.state).toBe('working');
      await expectMovedOnce(tried);
    }));
});

describe.concurrent.each(['top_up', 'withdraw'] as const)('%s: not carried out, and', (kind) => {
  const quiet: Mode[] = ['fault_500', 'silent_before'];
  test.each(quiet)('no word of it (%s): it ends only when the bank can no longer do it', (mode) =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode, times: 1, only: requestOf(kind) });
      const tried = await attempt(kind, bank);
      const code = async () => (await me.operation(tried.id)).failure?.code;
      await until(async () => (await code()) === 'bank.original_not_found', 'the word of its bank');
      await expectFailure(me, tried.id, open(reproduces('bank.original_not_found')));
      await letTimePass(wallet, tried.id, 2);
      await me.post(`/v1/operations/${tried.id}/ask`);
      await expectNotMoved(tried, unreachable());
    }));
  test('the bank is down: nothing has left', () =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'down', only: requestOf(kind), times: 1 });
      await expectNotMoved(await attempt(kind, bank), unreachable());
    }));
  test('the bank turns out to be in maintenance', () =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'maintenance', only: requestOf(kind), times: 1 });
      await expectNotMoved(await attempt(kind, bank), {
        code: reproduces('bank.maintenance'),
        side: 'bank',
        retry: 'later',
      });
      const { banks } = await me.get<Static<typeof ServiceStatus>>('/v1/status');
      const told = banks.find(({ bankCode }) => bankCode === bank);
      expect(told).toMatchObject({ state: 'maintenance', until: expect.any(String) });
    }));
});

describe.concurrent('a bank that says', () => {
  test('"in progress" is waited for, and cannot be paid around', () =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'in_progress', delayMs: 12_000, times: 1, only: 'debits' });
      const tried = await attempt('top_up', bank);
      await expectFailure(me, tried.id, open(reproduces('bank.in_progress')));
      expect(await me.get<Balance>('/v1/balance')).toMatchObject({ asking: { currency: 'CNY' } });
      const unsettled: Told = {
        code: reproduces('operation.previous_unsettled'),
        side: 'account',
        retry: 'query_first',
      };
      const problem = await expectRefusedStart(me, 'top_up', { ...tried.input, amount: yuan('1.00') }, unsettled);
      expect(problem.operation).toBe(tried.id);
      await expectRefused(me, (api) => api.refused('DELETE', `/v1/cards/${cards.get(bank)}`), unsettled);
      const cancel = (api: Api) => api.refused('POST', `/v1/operations/${tried.id}/cancel`, {});
      const late = await cancel(me);
      expect(late).toMatchObject({ code: reproduces('operation.cancel_too_late'), side: 'bank', retry: 'no' });
      expect(late.moneyMoved).toBe('unknown');
      await expectMovedOnce(tried);
    }));

  const unclear: [string, Told][] = [
    ['XQ_77', open(reproduces('bank.answer_unclear'))],
    ['BANK_FAULT', open(reproduces('bank.fault'))],
  ];
  test.each(
    unclear,
  )('%s says nothing about the money: people look after it, and it is never called failed', (code, told) =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'decline', code, only: 'debits', times: 1 });
      const tried = await attempt('top_up', bank);
      await expectFailure(me, tried.id, told);
      await letTimePass(wallet, tried.id, 11);
      await me.post(`/v1/operations/${tried.id}/ask`);
      expect(await ended(tried.id)).toMatchObject({ state: 'in_review', moneyMoved: 'unknown' });
      await expectFailure(me, tried.id, open(reproduces('operation.reconciling'), 'wallet'));
      expect(await timesMoved(tried.fen)).toBe(0);
      await asOwner(wallet, (client) => client.query(`update operation set intent = null where ended_at is null`));
    }));

  test('nothing at all, even when asked, is asked again and again', () =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode: 'lose_answer' });
      const tried = await attempt('top_up', bank);
      await expectFailure(me, tried.id, open(reproduces('bank.no_answer')));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await expectFailure(me, tried.id, open(reproduces('bank.no_answer')));
      await wallet.sandbox.setBehaviour(bank, { mode: 'normal' });
      await me.post(`/v1/operations/${tried.id}/ask`);
      await expectMovedOnce(tried);
    }));
});

describe.concurrent('its callback', () => {
  const how: Mode[] = ['callback_twice', 'callback_late', 'callback_early', 'callback_never', 'callback_forged'];
  test.each(how)('%s: the money moves once', (mode) =>
    atSomeBank(async (bank) => {
      await wallet.sandbox.setBehaviour(bank, { mode, times: 1, only: 'debits', delayMs: 700 });
      const tried = await attempt('top_up', bank);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await expectMovedOnce(tried);
    }));
  test('has made nobody believe anything but the bank itself', async () => {
    await Promise.all(lanes.values());
    const found = await asOwner(wallet, (client) => client.query(`select 1 from reconciliation_break`));
    expect(found.rows).toEqual([]);
  });
});
