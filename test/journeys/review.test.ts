import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import type { Problem } from '../../src/contract/problem.ts';
import type { Person } from '../../src/features/people/person.ts';
import { limitsReserved, readAllowances, useAllowance } from '../../src/features/books/allowances.ts';
import { accountId } from '../../src/features/books/chart.ts';
import { addMs, secondMs, systemClock, type Clock } from '../../src/kernel/clock.ts';
import { CNY } from '../../src/kernel/currencies.ts';
import { fromPublicId, uuid } from '../../src/kernel/ids.ts';
import { idNumber } from '../../src/kernel/masked.ts';
import { money } from '../../src/kernel/money.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { createWallet, type Wallet } from '../../src/wallet.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, sampleCard, samplePerson, wen } from '../support/samples.ts';
import { testClock } from '../support/test-clock.ts';
import { asOwner, expectBooksEqual, letTimePass, untilSentToBank } from '../support/told.ts';
import { until } from '../support/until.ts';
import {
  bindCard,
  goodPin,
  lastCode,
  move,
  openVerified,
  openWallet,
  startWallet,
  type TestWallet,
  openFunded,
} from '../support/wallet.ts';

/** What an attacker and an accountant looked for: moments between two effects, and ways around a count. */

let wallet: TestWallet;
let me: Api;
let her: Api;
let cardId: string;
let aheadMs = 0;
const clock: Clock = { now: () => addMs(testClock.now(), aheadMs), sleep: systemClock.sleep };

beforeAll(async () => {
  wallet = await startWallet({ clock });
  ({ api: me, cardId } = await openFunded(wallet, '300.00'));
  her = await openVerified(wallet, wen);
});
afterAll(async () => {
  await expectBooksEqual(wallet);
  await wallet.close();
});

const fen = async (api: Api) => BigInt((await api.get<Balance>('/v1/balance')).available.minor);

/** Another process on the same database, which stands still just before it writes to the books. */
function frozenProcess(): { wallet: Wallet; reached: Promise<void>; goOn: () => void } {
  const { ground } = wallet.app;
  let goOn = (): void => undefined;
  let reach = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const post: Ledger['post'] = async (...asked) => {
    reach();
    await gate;
    return ground.ledger.post(...asked);
  };
  return { wallet: createWallet({ ...ground, ledger: { ...ground.ledger, post } }), reached, goOn };
}

/** Confirms an operation in another process, which then stands still. */
async function confirmAndFreeze(person: Person, publicId: string) {
  const frozen = frozenProcess();
  const confirming = frozen.wallet.operations.submit({
    ownerId: person.id,
    id: uuid(fromPublicId('op', publicId) ?? ''),
    step: 'confirm',
    input: { pin: goodPin },
    actor: {
      personId: person.id,
      visitorId: person.id,
      sessionId: person.id,
      language: 'en',
      ip: '127.0.0.1',
    },
  });
  await frozen.reached;
  return { frozen, confirming };
}

/** Brings an operation to its posting, and `change` with it in the same moment, as if it had been confirmed before. */
const postWith = (publicId: string, change: string, values: readonly unknown[] = []) =>
  asOwner(wallet, async (client) => {
    await client.query('begin');
    await client.query(change, [...values]);
    await client.query(`update operation set state = 'working', step = 'posting', wake_at = now() where id = $1`, [
      uuid(fromPublicId('op', publicId) ?? ''),
    ]);
    await client.query('commit');
  });

const closed = { state: 'closed', cause: 'account.closed', reviewAt: null } as const;

test('a process that stood still while another one ended its operation moves no money any more', async () => {
  const person = await personOf(wallet, ming.phone);
  const all = await fen(me);
  const id = newPublicId('op');
  await me.start('transfer', { payeePhone: wen.phone, amount: { minor: String(all), currency: 'CNY' } }, id);
  const { frozen, confirming } = await confirmAndFreeze(person, id);
  expect(await move(me, 'transfer', { payeePhone: wen.phone, amount: yuan('1.00') })).toMatchObject({
    state: 'succeeded',
  });
  aheadMs += 40 * secondMs;
  const ended = await me.settled(id);
  expect(ended).toMatchObject({ state: 'failed', moneyMoved: 'no', failure: { code: 'account.insufficient_balance' } });
  await move(me, 'top_up', { cardId, amount: yuan('5.00') });
  const before = await fen(me);
  frozen.goOn();
  await confirming.catch(() => undefined);
  await frozen.wallet.operations.settle();
  expect(await fen(me)).toBe(before);
});

test('an account that is frozen between confirmation and booking tells why it is frozen', async () => {
  const person = await personOf(wallet, ming.phone);
  const { database, ledger } = wallet.app.ground;
  const id = newPublicId('op');
  await me.start('transfer', { payeePhone: wen.phone, amount: yuan('1.00') }, id);
  const { frozen, confirming } = await confirmAndFreeze(person, id);
  await setAccountState({ database, ledger }, person.id, {
    state: 'frozen',
    cause: 'account.frozen_security',
    reviewAt: null,
  });
  frozen.goOn();
  await confirming;
  const ended = await me.settled(id);
  await setAccountState({ database, ledger }, person.id, { state: 'normal' });
  expect(ended).toMatchObject({ state: 'failed', moneyMoved: 'no', failure: { code: 'account.frozen_security' } });
});

test('an account that is closed while a bank pays out to its card ends with the money on the card', async () => {
  const chen = samplePerson('陈志强');
  const api = await openVerified(wallet, chen);
  const card = sampleCard(chen);
  const his = await bindCard(wallet, api, card);
  await move(api, 'top_up', { cardId: his, amount: yuan('50.00') });
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'slow', delayMs: 5000, only: 'credits', times: 1 });
  const id = newPublicId('op');
  await api.start('withdraw', { cardId: his, amount: yuan('50.00') }, id);
  const confirming = api.step(id, 'confirm', { pin: goodPin });
  await untilSentToBank(wallet, id);
  const { database, ledger } = wallet.app.ground;
  const person = await personOf(wallet, chen.phone);
  const closing = setAccountState({ database, ledger }, person.id, closed);
  await closing.catch(() => undefined);
  await confirming;
  expect(await api.settled(id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
  // Nobody has to come back for it: with nothing on its way any more, the account is closed in the books as well.
  const account = () => ledger.account(accountId(person.balanceAccount));
  await until(async () => (await account())?.closed === true, 'a closed account');
  expect(await account()).toMatchObject({ closed: true, frozen: true, debitsPending: 0n });
});

test('a wallet that is closed and opened again takes part in everything', async () => {
  await openWallet(wallet, '+8613911117701');
  const { ledger } = wallet.app.ground;
  const person = await personOf(wallet, '+8613911117701');
  const account = () => ledger.account(accountId(person.balanceAccount));
  await setAccountState(wallet.app.ground, person.id, closed);
  expect(await account()).toMatchObject({ closed: true });
  await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  await systemClock.sleep(1500);
  expect(await account()).toMatchObject({ closed: false, frozen: false });
});

test('a shop that closes after the confirmation gets nothing, unless it has it already', async () => {
  const shop = new Api(wallet.url, wallet.shopKey);
  const orders = [newPublicId('ord'), newPublicId('ord')];
  for (const id of orders) await shop.post('/v1/merchant/orders', { id, amount: yuan('1.00'), description: '书' });
  const [paying, waiting] = [newPublicId('op'), newPublicId('op')];
  await me.start('pay', { orderId: orders[0] }, paying);
  await me.start('pay', { orderId: orders[1] }, waiting);
  await me.step(paying, 'confirm', { pin: goodPin });
  expect(await me.settled(paying)).toMatchObject({ state: 'succeeded' });
  const before = await fen(me);
  await postWith(waiting, `update merchant set state = 'closed'`);
  expect(await me.settled(waiting)).toMatchObject({
    ...{ state: 'failed', moneyMoved: 'no', failure: { code: 'third_party.merchant_closed' } },
  });
  expect(await fen(me)).toBe(before);
  await asOwner(wallet, (client) => client.query(`update merchant set state = 'open'`));
});

test('whoever closes the wallet after the confirmation gets nothing, though it waits to be closed in the books', async () => {
  const zhou = samplePerson('李思远');
  await openVerified(wallet, zhou);
  const { id: payee, balanceAccount } = await personOf(wallet, zhou.phone);
  const id = newPublicId('op');
  await me.start('transfer', { payeePhone: zhou.phone, amount: yuan('1.00') }, id);
  const close = `insert into account_stop (id, person_id, state, cause, set_by)
    values (gen_random_uuid(), $1, 'closed', 'account.closed', 'wallet')`;
  await postWith(id, close, [payee]);
  expect(await me.settled(id)).toMatchObject({
    ...{ state: 'failed', moneyMoved: 'no', failure: { code: 'third_party.payee_cannot_receive' } },
  });
  const account = await wallet.app.ground.ledger.account(accountId(balanceAccount));
  expect(account).toMatchObject({ creditsPosted: 0n });
});

test('the limits that an operation reserved are known by their names of then', async () => {
  const { database, ledger } = wallet.app.ground;
  const person = await personOf(wallet, wen.phone);
  const key = uuid('0193a000-0000-7000-8000-00000000beef');
  const rule = {
    limit: 'name_of_long_ago',
    period: '2026',
    allowance: money(500n, CNY),
    resetsAt: null,
    counter: null,
  };
  const [allowance] = await readAllowances({ database, ledger, clock }, person, [rule], 'old');
  await ledger.post([[useAllowance(key, allowance!, money(100n, CNY), 'pending')]]);
  expect(await limitsReserved({ database, ledger }, key)).toEqual(['name_of_long_ago']);
});

test('the same sum to the same person is not sent again while it is not known what became of the first', async () => {
  const person = await personOf(wallet, ming.phone);
  const input = { payeePhone: wen.phone, amount: yuan('0.77') };
  const id = newPublicId('op');
  await me.start('transfer', input, id);
  const { frozen, confirming } = await confirmAndFreeze(person, id);
  const problem = await me.refusedStart('transfer', input);
  expect(problem).toMatchObject({ code: 'operation.in_progress', operation: id });
  expect(await move(me, 'transfer', { ...input, amount: yuan('0.78') })).toMatchObject({ state: 'succeeded' });
  frozen.goOn();
  await confirming;
  expect(await me.settled(id)).toMatchObject({ state: 'succeeded' });
  expect(await move(me, 'transfer', input)).toMatchObject({ state: 'succeeded' });
});

test('money that its bank does not take back is given to people in time, and still goes back', async () => {
  const zhao = samplePerson('赵敏');
  const api = await openVerified(wallet, zhao);
  const card = sampleCard(zhao);
  const theirs = await bindCard(wallet, api, card);
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'slow', delayMs: 5000, only: 'debits', times: 1 });
  const id = newPublicId('op');
  await api.start('top_up', { cardId: theirs, amount: yuan('20.00') }, id);
  const confirming = api.stepOnce(id, 'confirm', { pin: goodPin });
  await untilSentToBank(wallet, id);
  const { database, ledger } = wallet.app.ground;
  const person = await personOf(wallet, zhao.phone);
  await setAccountState({ database, ledger }, person.id, closed);
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'down', only: 'reversals' });
  await confirming;
  const untilItIs = async (state: OperationShape['state']): Promise<OperationShape> => {
    await until(async () => (await api.operation(id)).state === state, state);
    return api.operation(id);
  };
  expect(await untilItIs('asking')).toMatchObject({ step: 'returning', moneyMoved: 'held' });
  await letTimePass(wallet, id, 31);
  const review = await untilItIs('in_review');
  expect(review).toMatchObject({ moneyMoved: 'held', failure: { code: 'operation.reconciling' } });
  expect(Number(new Date(review.deadlineAt ?? ''))).toBeGreaterThan(Number(clock.now()));
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  await letTimePass(wallet, id, 11);
  expect(await untilItIs('failed')).toMatchObject({ moneyMoved: 'no', failure: { code: 'account.closed' } });
});

test('who has proven an identity does not become somebody else', async () => {
  const other = samplePerson('赵敏');
  const problem = await me.refusedStart('verify_identity', { name: other.name, idNumber: other.idNumber });
  expect(problem).toMatchObject({ code: reproduces('identity.document_mismatch') });
  expect((await personOf(wallet, ming.phone)).idNumberMasked).toBe(idNumber(ming.idNumber).mask);
});

test('two classes that are granted in the same moment add up to the higher one', async () => {
  const { database, ledger } = wallet.app.ground;
  const person = await personOf(wallet, wen.phone);
  for (let year = 2100; year < 2110; year += 1) {
    const rule = (minor: bigint) => ({
      limit: 'balance_year',
      period: String(year),
      allowance: money(minor, CNY),
      resetsAt: null,
      counter: null,
    });
    const grant = (minor: bigint) => readAllowances({ database, ledger, clock }, person, [rule(minor)], 'test');
    await Promise.all([grant(100n), grant(200n), grant(100n), grant(200n)]);
    expect(await grant(200n)).toMatchObject([{ available: money(200n, CNY) }]);
  }
});

test('numbers cannot be collected by asking whether a transfer would be refused', async () => {
  const codes: string[] = [];
  for (let i = 0; i < 40; i += 1) {
    const input = { payeePhone: `+861391199${String(1000 + i)}`, amount: yuan('1.00') };
    const { problems } = await her.post<{ problems: Problem[] }>('/v1/preflight', { kind: 'transfer', input });
    codes.push(...problems.map(({ code }) => code));
  }
  expect(codes.filter((code) => code === 'third_party.payee_not_found').length).toBeLessThanOrEqual(30);
  expect(codes).toContain('limit.tries');
  await asOwner(wallet, (client) => client.query('delete from attempt_counter'));
});

test('a number that was looked up is not counted again by what follows', async () => {
  for (let i = 0; i < 40; i += 1) {
    const input = { payeePhone: ming.phone, amount: yuan('0.01') };
    expect(await her.post('/v1/preflight', { kind: 'transfer', input })).toEqual({ problems: [] });
  }
});

test('asking for another code where none is entered sends none and changes nothing', async () => {
  const visitor = new Api(wallet.url);
  visitor.token = (await visitor.post<{ token: string }>('/v1/visits')).token;
  const { id } = await visitor.start('open_wallet', { phone: wen.phone, language: 'zh-CN' });
  await visitor.settled(id);
  await visitor.step(id, 'code', { code: await lastCode(wallet.sandbox, wen.phone) });
  const sent = (await wallet.sandbox.messages(wen.phone)).length;
  expect(await visitor.post(`/v1/operations/${id}/resend-code`)).toMatchObject({ step: 'pin', state: 'needs_you' });
  expect(await wallet.sandbox.messages(wen.phone)).toHaveLength(sent);
});

test('the right code entered twice in the same moment is right twice', async () => {
  const number = '+8613911119902';
  const visitor = new Api(wallet.url);
  visitor.token = (await visitor.post<{ token: string }>('/v1/visits')).token;
  const { id } = await visitor.start('open_wallet', { phone: number, language: 'zh-CN' });
  await visitor.settled(id);
  const code = await lastCode(wallet.sandbox, number);
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => visitor.call('POST', `/v1/operations/${id}/steps/code`, { code })),
  );
  expect(answers.map(({ status, body }) => [status, body['code']])).toEqual(Array(4).fill([200, undefined]));
  expect(await visitor.settled(id)).toMatchObject({ state: 'succeeded' });
});

test('beginnings that stand in each other’s way use up no tries', async () => {
  const card = sampleCard(wen);
  const input = { cardNumber: card.number, reservedPhone: card.reservedPhone };
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'slow', delayMs: 7000, only: 'bindings', times: 1 });
  const id = newPublicId('op');
  const beginning = her.start('bind_card', input, id);
  await until(async () => (await her.call('GET', `/v1/operations/${id}`)).status === 200, 'a beginning');
  for (let i = 0; i < 12; i += 1)
    expect(await her.refusedStart('bind_card', input)).toMatchObject({ code: 'operation.in_progress' });
  await beginning;
  await her.settled(id);
  expect((await her.call('POST', '/v1/operations', { id: newPublicId('op'), kind: 'bind_card', input })).status).toBe(
    200,
  );
});

test('a card that was removed before the confirmation is told, and its bank is not asked', async () => {
  const card = sampleCard(ming, { bankCode: 'CCB' });
  const second = await bindCard(wallet, me, card);
  const { id } = await me.start('top_up', { cardId: second, amount: yuan('1.00') });
  await me.call('DELETE', `/v1/cards/${second}`);
  expect(await me.refused('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin })).toMatchObject({
    code: 'card.binding_broken',
    moneyMoved: 'no',
  });
});
