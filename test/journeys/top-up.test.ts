import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import type { Card } from '../../src/contract/wallet.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, mingsCard, sampleCard, samplePerson, wen } from '../support/samples.ts';
import {
  asOwner,
  expectFailure,
  expectNothingChanged,
  expectRefused,
  expectRefusedStart,
  letTimePass,
  type Told,
  closeRight,
} from '../support/told.ts';
import { bindCard, goodPin, move, openVerified, openWallet, startWallet, type TestWallet } from '../support/wallet.ts';

/** Why money does not come in or go out, as the limits, the PIN and the bank have it; nothing has moved after each. */

let wallet: TestWallet;
let me: Api;
const cards: Record<string, string> = {};
beforeAll(async () => {
  wallet = await startWallet();
  me = await openVerified(wallet, ming);
  for (const bank of ['ICBC', 'ABC', 'BOC', 'PSBC', 'COMM']) {
    cards[bank] = await bindCard(wallet, me, sampleCard(ming, { bankCode: bank }));
  }
});
afterAll(() => closeRight(wallet));

/** Goes all the way to the bank and is refused there. */
async function expectDeclined(kind: 'top_up' | 'withdraw', bank: string, amount: string, told: Told): Promise<void> {
  const id = newPublicId('op');
  const before = await me.get('/v1/balance');
  const { partnerBalance } = await wallet.sandbox.books();
  expect(await move(me, kind, { cardId: cards[bank], amount: yuan(amount) }, id)).toMatchObject({
    state: 'failed',
    moneyMoved: 'no',
    result: null,
  });
  await expectFailure(me, id, told);
  const { checkedAt: _at, ...same } = before;
  expect(await me.get('/v1/balance')).toMatchObject(same);
  expect((await wallet.sandbox.books()).partnerBalance).toBe(partnerBalance);
}

const you = (code: Told['code'], rest: Partial<Told> = {}): Told => ({
  code,
  side: 'you',
  retry: 'after_fix',
  ...rest,
});
const bank = (code: Told['code'], retry: Told['retry'], rest: Partial<Told> = {}): Told => ({
  code,
  side: 'bank',
  retry,
  ...rest,
});
const policy = (code: Told['code'], rest: Partial<Told> = {}): Told => ({
  code,
  side: 'policy',
  retry: 'after_fix',
  ...rest,
});

describe('the bank says no:', () => {
  test('the card is short of funds', () =>
    expectDeclined('top_up', 'BOC', '3.51', you(reproduces('card.insufficient_funds'), { field: 'amount' })).then(
      async () => expect(await me.get<Card>(`/v1/cards/${cards['BOC']}`)).toMatchObject({ state: 'ok' }),
    ));
  test('more than the card may pay at once', () =>
    expectDeclined(
      'top_up',
      'ABC',
      '1000.01',
      bank(reproduces('limit.bank_amount'), 'after_fix', { field: 'amount' }),
    ));
  test('more than the card may pay in a day', async () => {
    for (const _ of [1, 2])
      expect(await move(me, 'top_up', { cardId: cards['ABC'], amount: yuan('1000.00') })).toMatchObject({
        state: 'succeeded',
      });
    await expectDeclined('top_up', 'ABC', '0.01', bank(reproduces('limit.bank_amount'), 'after_fix'));
  });
  test('more often than the card may pay in a day', async () => {
    for (const _ of [1, 2, 3])
      expect(await move(me, 'top_up', { cardId: cards['PSBC'], amount: yuan('500.00') })).toMatchObject({
        state: 'succeeded',
      });
    await expectDeclined('top_up', 'PSBC', '1.00', bank(reproduces('limit.bank_count'), 'later'));
  });
  test('more than the receiving account may take', () =>
    expectDeclined('withdraw', 'COMM', '2000.01', bank(reproduces('limit.bank_account_class'), 'other_method')));

  const issuer = (code: Told['code'], retry: Told['retry'] = 'other_method'): Told => ({
    code,
    side: 'card_issuer',
    retry,
  });
  const states: [string, Told][] = [
    ['CARD_EXPIRED', issuer(reproduces('card.expired'))],
    ['CARD_LOCKED', issuer(reproduces('card.locked'), 'after_fix')],
    ['CARD_LOST', issuer(reproduces('card.lost_or_stolen'))],
    ['CARD_CANCELLED', issuer(reproduces('card.cancelled'))],
    ['CARD_DAMAGED', issuer(reproduces('card.damaged'))],
    ['CARD_NOT_ACTIVATED', issuer(reproduces('card.not_activated'), 'after_fix')],
    ['CARD_ONLINE_OFF', issuer(reproduces('card.online_payment_off'), 'after_fix')],
    ['CARD_RESTRICTED', issuer(reproduces('card.use_restricted'))],
    ['CARD_STATUS_ABNORMAL', issuer(reproduces('card.status_abnormal'))],
    ['WALLET_BLOCKED', bank(reproduces('bank.wallet_blocked'), 'other_method')],
    ['RISK_REFUSED', bank(reproduces('bank.risk_refused'), 'no')],
    ['AML_REFUSED', policy(reproduces('policy.aml_refused'), { retry: 'no' })],
    ['DECLINED', bank(reproduces('bank.declined_unspecified'), 'other_method')],
  ];
  test.each(states)('the card is %s by now, whichever way the money goes', async (state, told) => {
    const { number } = sampleCard(ming, { bankCode: 'ICBC' });
    await wallet.sandbox.setCard(number, { state });
    await expectDeclined('withdraw', 'ICBC', '10.00', told);
    const known = () => me.get<Card>(`/v1/cards/${cards['ICBC']}`);
    const remembered = told.code.startsWith('card.') ? told.code : 'ok';
    expect(await known()).toMatchObject({ state: remembered });
    await expectDeclined('top_up', 'ICBC', '10.00', told);
    // A bank that cannot be reached says nothing of the card.
    await wallet.sandbox.setBehaviour('ICBC', { mode: 'down', times: 1, only: 'debits' });
    await expectDeclined('top_up', 'ICBC', '10.00', bank(reproduces('bank.unreachable'), 'later'));
    expect(await known()).toMatchObject({ state: remembered });
    await wallet.sandbox.setCard(number, { state: 'normal' });
    expect(await move(me, 'top_up', { cardId: cards['ICBC'], amount: yuan('0.01') })).toMatchObject({
      state: 'succeeded',
    });
    expect(await known()).toMatchObject({ state: 'ok' });
  });

  test('it does not take orders at this hour', () =>
    wallet.sandbox
      .setBehaviour('ICBC', { mode: 'decline', code: 'CUTOFF', times: 1, only: 'debits' })
      .then(() => expectDeclined('top_up', 'ICBC', '1.00', bank(reproduces('bank.cutoff'), 'later'))));
  test('it has forgotten the card', async () => {
    await wallet.sandbox.setBehaviour('ICBC', { mode: 'decline', code: 'BINDING_NOT_FOUND', times: 1, only: 'debits' });
    await expectDeclined('top_up', 'ICBC', '1.00', {
      code: reproduces('card.binding_broken'),
      side: 'wallet',
      retry: 'after_fix',
    });
  });
});

describe('before the bank is asked:', () => {
  const refused = (kind: 'top_up' | 'withdraw', amount: string, told: Told) =>
    expectNothingChanged(wallet, () =>
      expectRefusedStart(me, kind, { cardId: cards['ICBC'], amount: yuan(amount) }, told),
    );

  test('more than the balance', () =>
    refused(
      'withdraw',
      '49999.99',
      you(reproduces('account.insufficient_balance'), { field: 'amount', says: /余额|可用/ }),
    ));
  test.each(['top_up', 'withdraw'] as const)('more than one %s may carry', (kind) =>
    refused(kind, '50000.01', policy(reproduces('limit.single'), { field: 'amount', says: '50,000' })));
  test('more than may come in on one day, with what is left of it', async () => {
    const { limits } = await me.get<{ limits: { limit: string; available: { minor: string } }[] }>('/v1/me/limits');
    const left = BigInt(limits.find(({ limit }) => limit === 'top_up_day')?.available.minor ?? '0');
    const told = policy(reproduces('limit.day'), { field: 'amount', says: /\d/ });
    const over = { minor: String(left + 1n), currency: 'CNY' };
    const problem = await expectRefusedStart(me, 'top_up', { cardId: cards['ICBC'], amount: over }, told);
    expect(problem.params['available']).toMatch(new RegExp(`${(left / 100n) % 1000n}`));
    expect(problem.retryAt).not.toBeNull();
  });
  test('somebody else’s card', async () => {
    const her = await openVerified(wallet, wen);
    const told: Told = { code: reproduces('card.binding_broken'), side: 'wallet', retry: 'after_fix' };
    await expectRefusedStart(her, 'top_up', { cardId: cards['ICBC'], amount: yuan('1.00') }, told);
  });
  test('nobody knows who it is', async () => {
    const stranger = await openWallet(wallet, '+8613911116666');
    const told = you(reproduces('identity.verification_required'));
    await expectRefusedStart(stranger, 'transfer', { payeePhone: ming.phone, amount: yuan('1.00') }, told);
    const checked = await stranger.post<{ problems: { code: string }[] }>('/v1/preflight', {
      ...{ kind: 'transfer', input: { payeePhone: ming.phone, amount: yuan('1.00') } },
    });
    expect(checked.problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining([told.code, 'security.pin_not_set']),
    );
  });
  test('no payment PIN is set', async () => {
    const { name, idNumber, phone } = samplePerson('赵敏');
    const her = await openWallet(wallet, phone);
    const { id } = await her.start('verify_identity', { name, idNumber });
    await her.settled(id);
    await expectRefusedStart(
      her,
      'transfer',
      { payeePhone: ming.phone, amount: yuan('1.00') },
      you(reproduces('security.pin_not_set')),
    );
  });
});

describe('the payment PIN', () => {
  const submit = (id: string, pin: string) => (api: Api) =>
    api.refused('POST', `/v1/operations/${id}/steps/confirm`, { pin });

  test('wrong is counted, the fifth closes it for hours, the operation waits, and the right one does not open it', async () => {
    const before = await me.get('/v1/balance');
    const { id } = await me.start('top_up', { cardId: cards['ICBC'], amount: yuan('2.00') });
    for (const left of [4, 3]) {
      const problem = await submit(id, '000001')(me);
      expect(problem).toMatchObject({
        code: reproduces('security.pin_wrong'),
        params: { left },
        operation: id,
        moneyMoved: 'no',
      });
    }
    // Both languages are two tries.
    await expectRefused(me, submit(id, '000001'), you(reproduces('security.pin_wrong'), { field: 'payment_pin' }));
    const locked: Told = { code: reproduces('security.pin_locked'), side: 'security', retry: 'later' };
    const problem = await expectRefused(me, submit(id, '000001'), locked);
    expect(problem.retryAt).not.toBeNull();
    await expectRefused(me, submit(id, goodPin), locked);
    expect(await me.operation(id)).toMatchObject({ state: 'needs_you', step: 'confirm' });
    const { checkedAt: _at, ...same } = before;
    expect(await me.get('/v1/balance')).toMatchObject(same);
    expect(await me.get('/v1/me')).toMatchObject({ pinLockedUntil: problem.retryAt });
    await asOwner(wallet, (client) => client.query('update attempt_counter set locked_until = now()'));
    await me.step(id, 'confirm', { pin: goodPin });
    expect(await me.settled(id)).toMatchObject({ state: 'succeeded' });
  });

  test('entered a quarter of an hour later finds the operation over', async () => {
    const { id } = await me.start('top_up', { cardId: cards['ICBC'], amount: yuan('2.00') });
    await letTimePass(wallet, id, 16);
    const told = you(reproduces('operation.expired'));
    await expectRefused(me, submit(id, goodPin), told);
    const end: OperationShape = await expectFailure(me, id, told);
    expect(end).toMatchObject({ state: 'expired', moneyMoved: 'no' });
  });
});

test('the card is well again in the list after all of this', async () => {
  const { cards: mine } = await me.get<{ cards: Card[] }>('/v1/cards');
  expect(mine.find(({ id }) => id === cards['ICBC'])).toMatchObject({ state: 'ok', last4: mingsCard.number.slice(-4) });
});
