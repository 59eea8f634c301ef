import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationOf } from '../../src/contract/operations.ts';
import type { Balance, Card, Me, TransactionItem } from '../../src/contract/wallet.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { ming, mingsCard, wen } from '../support/samples.ts';
import {
  bindCard,
  goodPin,
  lastCode,
  move,
  openVerified,
  openWallet,
  partnerTotal,
  startWallet,
  type TestWallet,
} from '../support/wallet.ts';

let wallet: TestWallet;
beforeAll(async () => {
  wallet = await startWallet();
});
afterAll(() => wallet.close());

test('a wallet opens, binds a card, tops up, pays a shop and sends money, and every book agrees', async () => {
  const me = await openVerified(wallet, ming);
  expect(await me.get<Me>('/v1/me')).toMatchObject({
    identityVerified: true,
    accountClass: 1,
    pinSet: true,
    accountState: 'normal',
    phoneMasked: '138****6021',
  });
  const cardId = await bindCard(wallet, me, mingsCard);
  // The bank is a third channel that confirmed who this is, so the account is of the second class now.
  expect(await me.get<Me>('/v1/me')).toMatchObject({ accountClass: 2 });
  const { cards } = await me.get<{ cards: Card[] }>('/v1/cards');
  expect(cards).toMatchObject([{ id: cardId, bankCode: 'ICBC', last4: mingsCard.number.slice(-4), state: 'ok' }]);

  const toppedUp = (await move(me, 'top_up', { cardId, amount: yuan('500.00') })) as OperationOf<'top_up'>;
  expect(toppedUp).toMatchObject({
    state: 'succeeded',
    moneyMoved: 'yes',
    failure: null,
    result: { balanceBefore: yuan('0'), balanceAfter: yuan('500.00') },
  });

  const shop = new Api(wallet.url, wallet.shopKey);
  const orderId = newPublicId('ord');
  const order = await shop.post<{ payUrl: string; state: string }>('/v1/merchant/orders', {
    id: orderId,
    amount: yuan('39.90'),
    description: '《围城》',
  });
  expect(order.payUrl).toContain(orderId);
  expect(await me.get(`/v1/orders/${orderId}`)).toMatchObject({ merchantName: '知味书店', state: 'open' });
  expect(await move(me, 'pay', { orderId })).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
  expect(await shop.get(`/v1/merchant/orders/${orderId}`)).toMatchObject({ state: 'paid' });

  const her = await openVerified(wallet, wen);
  expect(await me.post('/v1/payees', { phone: wen.phone })).toEqual({ nameMasked: '**雯', phoneMasked: '138****6022' });
  expect(await move(me, 'transfer', { payeePhone: wen.phone, amount: yuan('100.00'), note: '午饭' })).toMatchObject({
    state: 'succeeded',
  });

  expect(await me.get<Balance>('/v1/balance')).toMatchObject({ available: yuan('360.10'), held: yuan('0') });
  expect(await her.get<Balance>('/v1/balance')).toMatchObject({ available: yuan('100.00') });
  const mine = (await me.get<{ transactions: TransactionItem[] }>('/v1/transactions')).transactions;
  expect(mine.map((t) => [t.kind, t.amount.minor, t.direction, t.balanceAfter.minor])).toEqual([
    ['transfer_out', '10000', 'out', '36010'],
    ['pay', '3990', 'out', '46010'],
    ['top_up', '50000', 'in', '50000'],
  ]);
  const hers = (await her.get<{ transactions: TransactionItem[] }>('/v1/transactions')).transactions;
  expect(hers).toMatchObject([{ kind: 'transfer_in', counterparty: '**远', note: '午饭', direction: 'in' }]);
  const detail = await me.get(`/v1/transactions/${mine[0]?.id}`);
  expect(detail).toMatchObject({ balanceBefore: yuan('460.10') });

  expect(await move(me, 'withdraw', { cardId, amount: yuan('60.10') })).toMatchObject({ state: 'succeeded' });
  expect(await me.get<Balance>('/v1/balance')).toMatchObject({ available: yuan('300.00') });
  expect(await partnerTotal(wallet.sandbox)).toBe(43_990n);
  expect(wallet.said).toEqual([]);
});

test('coming back on another device asks for the code of the phone and then the PIN', async () => {
  const phone = '+8613911110001';
  const first = await openWallet(wallet, phone);
  await first.put('/v1/me/payment-pin', { pin: goodPin });
  const second = new Api(wallet.url);
  second.token = (await second.post<{ token: string }>('/v1/visits')).token;
  const begun = await second.start('open_wallet', { phone, language: 'zh-CN' });
  expect((await second.settled(begun.id)).step).toBe('code');
  await second.step(begun.id, 'code', { code: await lastCode(wallet.sandbox, phone) });
  expect(await second.settled(begun.id)).toMatchObject({ state: 'needs_you', step: 'pin' });
  expect(await second.refused('POST', `/v1/operations/${begun.id}/steps/pin`, { pin: '000001' })).toMatchObject({
    code: 'security.pin_wrong',
    moneyMoved: 'no',
  });
  await second.step(begun.id, 'pin', { pin: goodPin });
  second.token = (await second.post<{ token: string }>('/v1/sessions', { operationId: begun.id })).token;
  expect(await second.get<Me>('/v1/me')).toMatchObject({ phoneMasked: '139****0001' });
});
