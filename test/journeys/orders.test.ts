import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Balance } from '../../src/contract/wallet.ts';
import { accountId } from '../../src/features/books/chart.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { wen } from '../support/samples.ts';
import {
  asOwner,
  expectFailure,
  expectNothingChanged,
  expectRefused,
  expectRefusedStart,
  type Told,
  closeRight,
} from '../support/told.ts';
import { goodPin, move, openVerified, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

/** A shop's orders as they go wrong, told to the payer and to the shop in both languages. */

let wallet: TestWallet;
let me: Api;
let her: Api;
let shop: Api;
beforeAll(async () => {
  wallet = await startWallet();
  ({ api: me } = await openFunded(wallet, '200.00'));
  her = await openVerified(wallet, wen);
  shop = new Api(wallet.url, wallet.shopKey);
  await move(me, 'transfer', { payeePhone: wen.phone, amount: yuan('50.00') });
});
afterAll(() => closeRight(wallet));

async function makeOrder(amount = '10.00'): Promise<string> {
  const id = newPublicId('ord');
  await shop.post('/v1/merchant/orders', { id, amount: yuan(amount), description: '《围城》' });
  return id;
}
const sql = (text: string) => asOwner(wallet, (client) => client.query<{ account: string }>(text));
const stateOfOrder = async (id: string) => (await shop.get<{ state: string }>(`/v1/merchant/orders/${id}`)).state;

describe('an order', () => {
  const cannot = async (orderId: string, told: Told) => {
    await expectNothingChanged(wallet, () => expectRefusedStart(me, 'pay', { orderId }, told));
  };
  test('that nobody made', async () => {
    const told: Told = { code: reproduces('input.code_unrecognised'), side: 'you', retry: 'after_fix' };
    await cannot(newPublicId('ord'), told);
    await expectRefused(me, (api) => api.refused('GET', `/v1/orders/${newPublicId('ord')}`), told);
  });
  test('whose time is over, before it is confirmed and while it is', async () => {
    const told: Told = {
      code: reproduces('operation.order_closed'),
      side: 'third_party',
      retry: 'no',
      says: '知味书店',
    };
    const orderId = await makeOrder();
    const { id } = await me.start('pay', { orderId });
    await sql(
      `update merchant_order set created_at = created_at - interval '1 hour', expires_at = now() where state = 'open'`,
    );
    await expectRefused(me, (api) => api.refused('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin }), told);
    await me.post(`/v1/operations/${id}/cancel`);
    await cannot(orderId, told);
    expect(await stateOfOrder(orderId)).toBe('closed');
  });
  test('that is paid already', async () => {
    const orderId = await makeOrder();
    expect(await move(her, 'pay', { orderId })).toMatchObject({ state: 'succeeded' });
    await cannot(orderId, { code: reproduces('operation.order_paid'), side: 'account', retry: 'no' });
  });
  test('that two people pay in the same moment is paid by one of them', async () => {
    const orderId = await makeOrder();
    const before = await Promise.all([me, her].map((api) => api.get<Balance>('/v1/balance')));
    const ids = await Promise.all([me, her].map(async (api) => (await api.start('pay', { orderId })).id));
    await Promise.all(
      [me, her].map((api, i) => api.call('POST', `/v1/operations/${ids[i]}/steps/confirm`, { pin: goodPin })),
    );
    const ends = await Promise.all([me, her].map((api, i) => api.settled(ids[i] ?? '')));
    expect(ends.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
    const after = await Promise.all([me, her].map((api) => api.get<Balance>('/v1/balance')));
    const spent = before.map((balance, i) => BigInt(balance.available.minor) - BigInt(after[i]?.available.minor ?? 0));
    expect(spent.toSorted()).toEqual([0n, 1000n]);
    expect(await stateOfOrder(orderId)).toBe('paid');
  });
  test('of a shop that has closed, before it is confirmed and after', async () => {
    const told: Told = {
      code: reproduces('third_party.merchant_closed'),
      side: 'third_party',
      retry: 'no',
      says: '知味书店',
    };
    const orderId = await makeOrder();
    const { id } = await me.start('pay', { orderId });
    const { ledger } = wallet.app.ground;
    const { rows } = await sql('select balance_account::text as account from merchant');
    const account = accountId(BigInt(rows[0]?.account ?? 0));
    await ledger.setAccountState(account, { frozen: false, closed: true });
    await me.step(id, 'confirm', { pin: goodPin });
    expect(await me.settled(id)).toMatchObject({ state: 'failed', moneyMoved: 'no' });
    await expectFailure(me, id, told);
    await sql(`update merchant set state = 'closed'`);
    await cannot(orderId, told);
    await sql(`update merchant set state = 'open'`);
    await ledger.setAccountState(account, { frozen: false, closed: false });
    expect(await move(me, 'pay', { orderId })).toMatchObject({ state: 'succeeded' });
  });
  test('that costs more than there is', async () => {
    const told: Told = { code: reproduces('account.insufficient_balance'), side: 'you', retry: 'after_fix' };
    await cannot(await makeOrder('999.00'), told);
  });
});

describe('a shop', () => {
  const make = (body: object) => (api: Api) => api.refused('POST', '/v1/merchant/orders', body);
  test('that uses the id of an order for another one', async () => {
    const id = await makeOrder();
    const other = { id, amount: yuan('11.00'), description: '《围城》' };
    await expectRefused(shop, make(other), { code: reproduces('operation.conflict'), side: 'app', retry: 'no' });
    expect(await shop.get(`/v1/merchant/orders/${id}`)).toMatchObject({ amount: yuan('10.00'), state: 'open' });
  });
  test.each(['0', '-1', '9999999999999999'])('that asks for %s fen', async (minor) => {
    const told: Told = { code: reproduces('input.amount_invalid'), side: 'you', retry: 'after_fix' };
    const body = { id: newPublicId('ord'), amount: { minor, currency: 'CNY' }, description: 'x' };
    await expectRefused(shop, make(body), told);
  });
  test('that asks for an order which is not there', async () => {
    const problem = await shop.refused('GET', `/v1/merchant/orders/${newPublicId('ord')}`);
    expect(problem.code).toBe(reproduces('operation.not_found'));
  });
});
