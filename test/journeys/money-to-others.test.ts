import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fromPublicId, uuid } from '../../src/kernel/ids.ts';
import { addMs, dayMs, systemClock, type Clock } from '../../src/kernel/clock.ts';
import { accountId } from '../../src/features/books/chart.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, mingsCard, samplePerson, wen } from '../support/samples.ts';
import { testClock } from '../support/test-clock.ts';
import { untilSentToBank } from '../support/told.ts';
import { until } from '../support/until.ts';
import {
  bindCard,
  goodPin,
  move,
  openVerified,
  openWallet,
  partnerTotal,
  startWallet,
  type TestWallet,
} from '../support/wallet.ts';

let wallet: TestWallet;
let me: Api;
let her: Api;
let shop: Api;
let cardId: string;
// The limit of a year is walked up to day by day, which must not lead into the next one.
const daysOfYear = (to: Date) => (to.getTime() - Date.UTC(to.getUTCFullYear(), 0)) / dayMs;
let aheadMs = daysOfYear(testClock.now()) > 300 ? 70 * dayMs : 0;
const clock: Clock = { now: () => addMs(testClock.now(), aheadMs), sleep: systemClock.sleep };
const zhao = samplePerson('赵敏');

beforeAll(async () => {
  wallet = await startWallet({ clock });
  me = await openVerified(wallet, ming);
  her = await openVerified(wallet, wen);
  shop = new Api(wallet.url, wallet.shopKey);
  cardId = await bindCard(wallet, me, mingsCard);
  await wallet.sandbox.setCard(mingsCard.number, { balance: '20000000' });
  await move(me, 'top_up', { cardId, amount: yuan('10000.00') });
});
afterAll(() => wallet.close());

let before: string;
const balanceOf = async (api: Api) => (await api.get<Balance>('/v1/balance')).available.minor;
beforeEach(async () => {
  before = await balanceOf(me);
});
const expectNothingMoved = async () => expect(await balanceOf(me)).toBe(before);

const order = async (amount = '10.00', more = {}) => {
  const id = newPublicId('ord');
  await shop.post('/v1/merchant/orders', { id, amount: yuan(amount), description: 'a book', ...more });
  return id;
};
const send = (amount: string, to: string = wen.phone) => ({ payeePhone: to, amount: yuan(amount) });

test('a payee that is nobody, oneself, or cannot receive is told before any money is spoken of', async () => {
  const nobody = await me.refusedStart('transfer', send('1.00', '13911112222'));
  expect(nobody).toMatchObject({
    code: reproduces('third_party.payee_not_found'),
    side: 'you',
    moneyMoved: 'no',
    status: 404,
  });
  const oneself = await me.refusedStart('transfer', send('1.00', ming.phone));
  expect(oneself).toMatchObject({ code: reproduces('input.payee_self'), field: 'payee', moneyMoved: 'no' });

  await openWallet(wallet, '+8613911113333');
  const unverified = await me.refusedStart('transfer', send('1.00', '13911113333'));
  expect(unverified).toMatchObject({
    code: reproduces('third_party.payee_cannot_receive'),
    side: 'third_party',
    moneyMoved: 'no',
  });
  await expectNothingMoved();
});

test('a code that is no order, an order that ran out, and one that is paid each say so', async () => {
  expect(await me.refused('GET', `/v1/orders/${newPublicId('ord')}`)).toMatchObject({
    code: reproduces('input.code_unrecognised'),
  });
  const short = await order('10.00', { expiresInSeconds: 60 });
  aheadMs += 61_000;
  expect(await me.refusedStart('pay', { orderId: short })).toMatchObject({
    code: reproduces('operation.order_closed'),
    side: 'third_party',
    moneyMoved: 'no',
  });
  const paid = await order();
  expect((await move(me, 'pay', { orderId: paid })).state).toBe('succeeded');
  expect(await me.refusedStart('pay', { orderId: paid })).toMatchObject({
    code: reproduces('operation.order_paid'),
    moneyMoved: 'no',
  });
});

test('two people who pay one order at the same moment: one pays, the other keeps the money', async () => {
  await move(me, 'transfer', send('50.00'));
  const [mine, hers] = [BigInt(await balanceOf(me)), BigInt(await balanceOf(her))];
  const orderId = await order('20.00');
  const ids = [newPublicId('op'), newPublicId('op')] as const;
  await Promise.all([me.start('pay', { orderId }, ids[0]), her.start('pay', { orderId }, ids[1])]);
  const ends = await Promise.all(
    (
      [
        [me, ids[0]],
        [her, ids[1]],
      ] as const
    ).map(async ([api, id]) => {
      await api.call('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin });
      return api.settled(id);
    }),
  );
  const states = ends.map((end) => end.state);
  expect(states.filter((state) => state === 'succeeded')).toHaveLength(1);
  const lost = mine - BigInt(await balanceOf(me)) + (hers - BigInt(await balanceOf(her)));
  expect(lost).toBe(2000n);
  expect(await shop.get(`/v1/merchant/orders/${orderId}`)).toMatchObject({ state: 'paid' });
});

test('the id of an order cannot become another order, and another merchant does not see it', async () => {
  const id = await order('10.00');
  const changed = await shop.refused('POST', '/v1/merchant/orders', {
    id,
    amount: yuan('1.00'),
    description: 'a book',
  });
  expect(changed).toMatchObject({ code: reproduces('operation.conflict') });
  expect(await shop.get(`/v1/merchant/orders/${id}`)).toMatchObject({ amount: yuan('10.00') });
});

test('a balance that is short says what there is', async () => {
  const poor = await openVerified(wallet, zhao);
  const problem = await poor.refusedStart('transfer', send('5.00'));
  expect(problem).toMatchObject({ code: reproduces('account.insufficient_balance'), side: 'you', moneyMoved: 'no' });
  expect(problem.remedies.map((remedy) => remedy.action)).toContain('top_up');
});

test('a first-class account has a limit for life, and learns what is left of it and how to raise it', async () => {
  const poor = await openWallet(wallet, zhao.phone).catch(() => undefined);
  expect(poor).toBeUndefined();
  await move(me, 'transfer', send('1200.00', zhao.phone));
  const api = await signIn(zhao.phone);
  const problem = await api.refusedStart('transfer', send('1000.01'));
  expect(problem).toMatchObject({
    code: reproduces('limit.lifetime'),
    side: 'policy',
    moneyMoved: 'no',
    params: { available: expect.stringContaining('1000.00') as string },
  });
  expect(problem.remedies[0]?.action).toBe('raise_limit');
  expect((await move(api, 'transfer', send('1000.00'))).state).toBe('succeeded');
  expect(await api.refusedStart('transfer', send('0.01'))).toMatchObject({ code: 'limit.lifetime' });
});

test('two transfers that each fit but not together: the day’s limit holds under them both', async () => {
  aheadMs += dayMs;
  const ids = [newPublicId('op'), newPublicId('op')] as const;
  for (const id of ids) await me.start('transfer', send('3000.00'), id);
  const ends = await Promise.all(
    ids.map(async (id) => {
      await me.call('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin });
      return me.settled(id);
    }),
  );
  expect(ends.filter((end) => end.state === 'succeeded')).toHaveLength(1);
  const problem = await me.refusedStart('transfer', send('2000.01'));
  expect(problem).toMatchObject({ code: reproduces('limit.day'), side: 'policy', moneyMoved: 'no' });
  expect(problem.retryAt).toMatch(/T16:00:00/);
});

test('the year’s limit is exact as well', async () => {
  for (let used = 0; used < 22; used += 1) {
    aheadMs += dayMs;
    if (BigInt(await balanceOf(me)) < 500_000n)
      expect((await move(me, 'top_up', { cardId, amount: yuan('20000.00') })).state).toBe('succeeded');
    const answer = await me.call<{ code?: string }>('POST', '/v1/operations', {
      id: newPublicId('op'),
      kind: 'transfer',
      input: send('5000.00'),
    });
    if (answer.status >= 400) {
      expect(answer.body.code).toBe(reproduces('limit.year'));
      expect(used).toBeGreaterThan(15);
      return;
    }
    expect((await move(me, 'transfer', send('5000.00'))).state).toBe('succeeded');
  }
  throw new Error('the year had no limit');
});

test('a sum above the single limit says the limit', async () => {
  const problem = await me.refusedStart('top_up', { cardId, amount: yuan('50000.01') });
  expect(problem).toMatchObject({ code: reproduces('limit.single'), moneyMoved: 'no' });
  await expectNothingMoved();
});

test('an account that is frozen between the confirmation and the booking keeps its money', async () => {
  aheadMs += dayMs;
  const { ledger } = wallet.app.ground;
  const mine = accountId((await personOf(wallet, ming.phone)).balanceAccount);
  await ledger.setAccountState(mine, { frozen: true });
  const end = await move(me, 'withdraw', { cardId, amount: yuan('1.00') });
  expect(end).toMatchObject({ state: 'failed', moneyMoved: 'no' });
  expect(end.failure?.code).toBe(reproduces('account.frozen_security'));
  await ledger.setAccountState(mine, { frozen: false });
  await expectNothingMoved();
});

test('an account that is closed while its bank is asked gets the money back on the card', async () => {
  aheadMs += dayMs;
  const { database, ledger } = wallet.app.ground;
  const owed = await partnerTotal(wallet.sandbox);
  const api = await openVerified(wallet, samplePerson('陈志强'));
  const [card] = samplePerson('陈志强').cards;
  if (!card) throw new Error('a card is needed');
  const hisCard = await bindCard(wallet, api, card);
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'slow', delayMs: 5000, only: 'debits', times: 1 });
  const id = newPublicId('op');
  await api.start('top_up', { cardId: hisCard, amount: yuan('30.00') }, id);
  const confirming = api.step(id, 'confirm', { pin: goodPin });
  await untilSentToBank(wallet, id);
  const person = await personOf(wallet, samplePerson('陈志强').phone);
  await setAccountState({ database, ledger }, person.id, { state: 'closed', cause: 'account.closed', reviewAt: null });
  await confirming;
  const address = { ownerId: person.id, id: uuid(fromPublicId('op', id) ?? '') };
  const record = () => wallet.app.wallet.operations.get(address);
  await until(async () => (await record()).endedAt !== null, 'an end');
  expect(await record()).toMatchObject({ state: 'failed', moneyMoved: 'no', cause: reproduces('account.closed') });
  expect(await partnerTotal(wallet.sandbox)).toBe(owed);
});

test('a session is not given for a wallet that is not open yet', async () => {
  const api = new Api(wallet.url);
  api.token = (await api.post<{ token: string }>('/v1/visits')).token;
  const begun = await api.start('open_wallet', { phone: '13911114444', language: 'en' });
  await api.settled(begun.id);
  expect(await api.refused('POST', '/v1/sessions', { operationId: begun.id })).toMatchObject({
    code: reproduces('operation.in_progress'),
  });
});

async function signIn(number: string): Promise<Api> {
  const api = new Api(wallet.url);
  api.token = (await api.post<{ token: string }>('/v1/visits')).token;
  const begun = await api.start('open_wallet', { phone: number, language: 'zh-CN' });
  await api.settled(begun.id);
  const [message] = await wallet.sandbox.messages(number);
  await api.step(begun.id, 'code', { code: message?.code });
  await api.settled(begun.id);
  await api.step(begun.id, 'pin', { pin: goodPin });
  api.token = (await api.post<{ token: string }>('/v1/sessions', { operationId: begun.id })).token;
  return api;
}
