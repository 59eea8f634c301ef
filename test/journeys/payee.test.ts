import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Balance, Me } from '../../src/contract/wallet.ts';
import { accountId } from '../../src/features/books/chart.ts';
import { uuid } from '../../src/kernel/ids.ts';
import { setAccountState } from '../support/people.ts';
import { type Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, sampleCard, samplePerson, wen } from '../support/samples.ts';
import {
  asOwner,
  expectFailure,
  expectNothingChanged,
  expectRefused,
  expectRefusedStart,
  type Told,
  closeRight,
} from '../support/told.ts';
import { until } from '../support/until.ts';
import {
  bindCard,
  goodPin,
  move,
  openVerified,
  openWallet,
  startWallet,
  type TestWallet,
  openFunded,
} from '../support/wallet.ts';

/** Sending money: whom it cannot go to, what limits it, and accounts that somebody closed meanwhile. */

let wallet: TestWallet;
let me: Api;
let her: Api;
let cardId: string;
beforeAll(async () => {
  wallet = await startWallet();
  ({ api: me, cardId } = await openFunded(wallet, '9000.00'));
  her = await openVerified(wallet, wen);
});
afterAll(() => closeRight(wallet));

const personOf = (phone: string) =>
  asOwner(wallet, async (client) => {
    const masked = `${phone.slice(3, 6)}****${phone.slice(-4)}`;
    const found = await client.query<{ id: string; balance_account: string }>(
      'select id, balance_account from person where phone_masked = $1',
      [masked],
    );
    const row = found.rows[0];
    if (!row) throw new Error(`nobody has ${phone}`);
    return { id: uuid(row.id), account: accountId(BigInt(row.balance_account)) };
  });
type State = Parameters<typeof setAccountState>[2];
const setState = async (phone: string, state: State) =>
  setAccountState(wallet.app.ground, (await personOf(phone)).id, state);
const frozen: State = { state: 'frozen', cause: 'account.frozen_security', reviewAt: null };
const closed: State = { state: 'closed', cause: 'account.closed', reviewAt: null };
const to = (payeePhone: string, amount = '10.00') => ({ payeePhone, amount: yuan(amount) });

describe('a payee', () => {
  const cannot: Told = {
    code: reproduces('third_party.payee_cannot_receive'),
    side: 'third_party',
    retry: 'other_method',
  };
  async function expectNobody(phone: string, told: Told): Promise<void> {
    await expectNothingChanged(wallet, async () => {
      await expectRefusedStart(me, 'transfer', to(phone), told);
      await expectRefused(me, (api) => api.refused('POST', '/v1/payees', { phone }), told);
    });
  }
  test('whom nobody knows', () =>
    expectNobody('13911110000', { code: reproduces('third_party.payee_not_found'), side: 'you', retry: 'after_fix' }));
  test('who is oneself', () =>
    expectNobody(ming.phone, { code: reproduces('input.payee_self'), side: 'you', retry: 'after_fix' }));
  test('whose number is none', () =>
    expectNobody('123', {
      code: reproduces('contact.phone_invalid'),
      side: 'you',
      retry: 'after_fix',
      field: 'payee',
    }));
  test('who never said who they are', async () => {
    await openWallet(wallet, '+8613911112001');
    await expectNobody('+8613911112001', cannot);
  });
  test.each([
    ['frozen', frozen],
    ['closed', closed],
  ] as const)('whose account is %s, and nobody is told so', async (_what, state) => {
    await setState(wen.phone, state);
    await expectNobody(wen.phone, cannot);
    await setState(wen.phone, { state: 'normal' });
  });
  test('whose account is closed between the question and the answer keeps nothing', async () => {
    const before = await me.get<Balance>('/v1/balance');
    const { id } = await me.start('transfer', to(wen.phone));
    await setState(wen.phone, closed);
    await me.step(id, 'confirm', { pin: goodPin });
    expect(await me.settled(id)).toMatchObject({ state: 'failed', moneyMoved: 'no', result: null });
    await expectFailure(me, id, cannot);
    expect((await me.get<Balance>('/v1/balance')).available).toEqual(before.available);
    await setState(wen.phone, { state: 'normal' });
  });
  test('cannot be looked for without end', async () => {
    const zhao = await openVerified(wallet, samplePerson('赵敏'));
    // Numbers of nobody: each new one is a try, the same one again is not.
    const numberOf = (i: number) => `+86139${String(20_000_000 + i)}`;
    const look = (i: number) => zhao.call<{ code?: string }>('POST', '/v1/payees', { phone: numberOf(i) });
    for (let i = 0; i < 30; i += 1) expect((await look(i)).body.code).toBe('third_party.payee_not_found');
    expect((await look(29)).body.code).toBe('third_party.payee_not_found');
    const told: Told = { code: reproduces('limit.tries'), side: 'security', retry: 'later' };
    await expectRefused(zhao, (api) => api.refused('POST', '/v1/payees', { phone: numberOf(99) }), told);
  });
});

describe('an account of one’s own', () => {
  const told: Told = { code: reproduces('account.frozen_security'), side: 'security', retry: 'no' };
  test('that is frozen moves nothing, and says so before anything is typed', async () => {
    await setState(ming.phone, frozen);
    await expectNothingChanged(wallet, async () => {
      await expectRefusedStart(me, 'transfer', to(wen.phone), told);
      await expectRefusedStart(me, 'withdraw', { cardId, amount: yuan('1.00') }, told);
      await expectRefusedStart(me, 'top_up', { cardId, amount: yuan('1.00') }, told);
    });
    await setState(ming.phone, { state: 'normal' });
  });
  test('that is frozen while a transfer waits for its turn', async () => {
    const { id } = await me.start('transfer', to(wen.phone));
    const { account } = await personOf(ming.phone);
    await wallet.app.ground.ledger.setAccountState(account, { frozen: true, closed: false });
    await me.step(id, 'confirm', { pin: goodPin });
    expect(await me.settled(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
    await expectFailure(me, id, told);
    await wallet.app.ground.ledger.setAccountState(account, { frozen: false, closed: false });
  });
  test('that is closed while a bank is still at it gets nothing: the money goes back to the card', async () => {
    const { number } = sampleCard(wen, { bankCode: 'ICBC' });
    const herCard = await bindCard(wallet, her, { number, reservedPhone: wen.phone });
    await wallet.sandbox.setBehaviour('ICBC', { mode: 'in_progress', delayMs: 5000, times: 1, only: 'debits' });
    const { id } = await her.start('top_up', { cardId: herCard, amount: yuan('66.60') });
    expect(await her.step(id, 'confirm', { pin: goodPin })).toMatchObject({ state: 'asking' });
    await setState(wen.phone, closed);
    await until(async () => (await her.operation(id)).state === 'failed', 'an end');
    expect(await her.operation(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
    await expectFailure(her, id, { code: reproduces('account.closed'), side: 'account', retry: 'no' });
    const { entries } = await wallet.sandbox.books();
    expect(entries.filter(({ amount }) => amount === '6660').map(({ kind }) => kind)).toEqual(['reversal', 'debit']);
    await expectRefusedStart(
      her,
      'top_up',
      { cardId: herCard, amount: yuan('1.00') },
      { code: reproduces('account.closed'), side: 'account', retry: 'no' },
    );
    await setState(wen.phone, { state: 'normal' });
  });
});

describe('limits on what goes out', () => {
  /** Of two sums that are asked for at once the second, which is a fen more, may be the one that went through. */
  let oneFen = 0n;
  const limit = (code: Told['code'], says: string, retry: Told['retry'] = 'after_fix'): Told => ({
    ...{ code, side: 'policy', retry, field: 'amount', says },
  });
  test('of a day: what is left is told, and two at once do not get past it', async () => {
    const told = limit(reproduces('limit.day'), '5,000');
    expect((await expectRefusedStart(me, 'transfer', to(wen.phone, '5000.01'), told)).retryAt).not.toBeNull();
    const ids = [newPublicId('op'), newPublicId('op')];
    for (const [i, id] of ids.entries()) await me.start('transfer', to(wen.phone, `3000.0${i}`), id);
    const answers = await Promise.all(
      ids.map((id) => me.call<{ code?: string }>('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin })),
    );
    const ends = await Promise.all(ids.map((id) => me.settled(id)));
    expect(ends.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
    const codes = [...answers.map(({ body }) => body.code), ...ends.map(({ failure }) => failure?.code)];
    expect(codes).toContain(reproduces('limit.day'));
    if (ends[1]?.state === 'succeeded') oneFen = 1n;
    const left = oneFen === 0n ? '2,000' : '1,999.99';
    await expectRefusedStart(me, 'transfer', to(wen.phone, '2000.01'), limit(reproduces('limit.day'), left));
  });
  test('of a year for an account of the second class', async () => {
    expect(await me.get<Me>('/v1/me')).toMatchObject({ accountClass: 2 });
    const { id } = await personOf(ming.phone);
    // As if most of the year's allowance had gone on other days.
    const { rowCount } = await asOwner(wallet, (client) =>
      client.query(
        `update limit_period set counted_before = counted_before - $2 where person_id = $1 and limit_name = 'balance_year'`,
        [id, 9_650_000n - oneFen],
      ),
    );
    expect(rowCount).toBe(1);
    await expectRefusedStart(
      me,
      'transfer',
      to(wen.phone, '500.01'),
      limit(reproduces('limit.year'), '500', 'after_fix'),
    );
    expect(await move(me, 'transfer', to(wen.phone, '500.00'))).toMatchObject({ state: 'succeeded' });
    await expectRefusedStart(me, 'transfer', to(wen.phone, '0.01'), limit(reproduces('limit.year'), '0', 'after_fix'));
  });
  test('of a lifetime for an account of the first class', async () => {
    const liu = samplePerson('刘一鸣');
    const api = await openVerified(wallet, liu);
    expect(await api.get<Me>('/v1/me')).toMatchObject({ accountClass: 1, channelsForNextClass: 3 });
    const own = await bindCard(wallet, api, sampleCard(liu));
    await move(api, 'top_up', { cardId: own, amount: yuan('2000.00') });
    await expectRefusedStart(api, 'transfer', to(wen.phone, '1000.01'), limit(reproduces('limit.lifetime'), '1,000'));
    expect(await move(api, 'transfer', to(wen.phone, '400.00'))).toMatchObject({ state: 'succeeded' });
    const problem = await expectRefusedStart(
      api,
      'transfer',
      to(wen.phone, '600.01'),
      limit(reproduces('limit.lifetime'), '600'),
    );
    expect(problem.remedies.map(({ action }) => action)).toContain('raise_limit');
    // Enough for each when it was begun, and not for both: the second is refused where it is confirmed.
    const ids = [newPublicId('op'), newPublicId('op')];
    for (const [i, id] of ids.entries()) await api.start('transfer', to(wen.phone, `300.0${i}`), id);
    const [first, second] = ids.map((id) => `/v1/operations/${id}/steps/confirm`);
    expect(await api.post(first!, { pin: goodPin })).toMatchObject({ state: 'succeeded' });
    expect((await api.refused('POST', second!, { pin: goodPin })).code).toBe('limit.lifetime');
  });
  test('the balance itself', async () => {
    const told: Told = {
      code: reproduces('account.insufficient_balance'),
      side: 'you',
      retry: 'after_fix',
      field: 'amount',
    };
    const li = await openVerified(wallet, samplePerson('李思远'));
    await expectRefusedStart(li, 'transfer', to(wen.phone, '0.01'), { ...told, says: '0' });
  });
});
