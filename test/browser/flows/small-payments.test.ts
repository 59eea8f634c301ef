import { afterAll, beforeAll, expect, test } from 'vitest';
import walletEn from '../../../web/wallet/words/en.json' with { type: 'json' };
import walletZh from '../../../web/wallet/words/zh-CN.json' with { type: 'json' };
import type { SamplePerson } from '../../../sandbox/samples.ts';
import { Api, newPublicId, yuan } from '../../support/api.ts';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { bindCard, goodPin, move, openVerified } from '../../support/wallet.ts';
import { setStage, type Stage } from './stage.ts';
import type { Walker } from './walker.ts';

let stage: Stage;
const payee = samplePerson('王秀兰');
beforeAll(async () => {
  stage = await setStage();
  await openVerified(stage.wallet, payee);
}, 180_000);
afterAll(() => stage.close());

async function openFunded(person: SamplePerson): Promise<Api> {
  const api = await openVerified(stage.wallet, person);
  const cardId = await bindCard(stage.wallet, api, sampleCard(person));
  await move(api, 'top_up', { cardId, amount: yuan('900.00') });
  return api;
}

async function order(amount: string): Promise<string> {
  const id = newPublicId('ord');
  const shop = new Api(stage.wallet.url, stage.wallet.shopKey);
  await shop.post('/v1/merchant/orders', { id, amount: yuan(amount), description: '《围城》' });
  return id;
}

const spendable = async (api: Api): Promise<string> =>
  (await api.get<{ available: { minor: string } }>('/v1/balance')).available.minor;

/** As far as the review of a sum for the payee. */
async function reviews(walker: Walker, sum: string): Promise<void> {
  const { flows } = walker.words;
  await walker.goTo('/send');
  await walker.input.fill(payee.phone.replace('+86', ''));
  await walker.press(flows.send.find);
  await walker.press(flows.send.yes);
  await walker.field(flows.send.amount).fill(sum);
  await walker.press(flows.amount.review);
}

test.each([
  { language: 'zh-CN', wallet: walletZh, person: samplePerson('周明远') },
  { language: 'en', wallet: walletEn, person: samplePerson('林晓雯') },
] as const)('small sums are let go without the PIN, sent, and kept again ($language)', async ({
  language,
  wallet,
  person,
}) => {
  const api = await openFunded(person);
  const walker = await stage.openSignedIn(person, { language });
  const { flows, ui } = walker.words;
  await walker.goTo('/me');
  await walker.page.getByRole('link', { name: `${wallet.me.small} ${wallet.me.smallOff}` }).click();
  await walker.sees(flows.small.headline);
  await walker.isGood();
  await walker.page.getByRole('radio', { name: '¥100' }).click();
  await walker.press(flows.small.turnOn);
  await walker.enterPin('111222');
  await walker.complaint();
  await walker.enterPin();
  await walker.sees(flows.small.on);
  await walker.isGood();
  expect(await api.get('/v1/me/small-payments')).toMatchObject({ upTo: yuan('100.00') });

  // An order of a shop is paid by one press, on the same sum of the day.
  const orderId = await order('80.00');
  await walker.goTo(`/pay/${orderId}`);
  await walker.press(flows.amount.review);
  await walker.button(/80\.00/).waitFor();
  await walker.isGood();
  await walker.press(/80\.00/);
  await walker.sees(ui.receipt.done.pay);
  expect(await spendable(api)).toBe('82000');

  // Within it one press sends, beyond it the PIN is asked for as ever.
  await reviews(walker, '99.5');
  await walker.button(/99\.50/).waitFor();
  await walker.isGood();
  await walker.press(/99\.50/);
  await walker.sees(ui.receipt.done.transfer_out);
  expect(await spendable(api)).toBe('72050');
  await reviews(walker, '100.01');
  await walker.press(flows.confirm.enterPin);
  await walker.sees(flows.small.whyAbove.replace('{{amount}}', '¥100'));
  await walker.isGood();

  await walker.goTo('/small-payments');
  await walker.press(flows.small.turnOff);
  await walker.sees(flows.small.headline);
  expect(await api.get('/v1/me/small-payments')).toMatchObject({ upTo: null });
  await reviews(walker, '10');
  await walker.press(flows.confirm.enterPin);
  await walker.page.getByRole('dialog').waitFor();
  expect(await walker.page.locator('.flow-because').count()).toBe(0);
  expect(await spendable(api)).toBe('72050');
  expect(walker.faults).toEqual([]);
  await walker.context.close();
});

test('switched off elsewhere after the review it asks for the PIN, and an answer that was lost sends nothing twice', async () => {
  const person = samplePerson('陈志强');
  const api = await openFunded(person);
  await api.call('PUT', '/v1/me/small-payments', { upTo: yuan('200.00'), pin: goodPin });
  const walker = await stage.openSignedIn(person);
  const { flows, ui } = walker.words;
  await reviews(walker, '60');
  await walker.button(/60\.00/).waitFor();
  // It is done, but nobody hears of it: asked again, it is still the one transfer.
  let lost = 0;
  await walker.page.route('**/v1/transfers', async (route) => {
    lost += 1;
    await route.fetch();
    if (lost === 1) await route.abort('connectionreset');
    else await route.fallback();
  });
  await walker.press(/60\.00/);
  await walker.sees(ui.receipt.done.transfer_out);
  expect(lost).toBeGreaterThan(1);
  expect(await spendable(api)).toBe('84000');
  await walker.page.unroute('**/v1/transfers');

  await reviews(walker, '70');
  await walker.button(/70\.00/).waitFor();
  await api.call('DELETE', '/v1/me/small-payments');
  await walker.press(/70\.00/);
  await walker.press(flows.confirm.enterPin);
  await walker.sees(flows.small.whyNow);
  await walker.enterPin();
  await walker.sees(ui.receipt.done.transfer_out);
  expect(await spendable(api)).toBe('77000');
  await walker.context.close();
});

test('with the sum of the day used up the keypad says so, also where another device was quicker', async () => {
  const person = samplePerson('赵敏');
  const api = await openFunded(person);
  await move(api, 'transfer', { payeePhone: payee.phone, amount: yuan('1.00') });
  const more = await api.get<{ cards: { id: string }[] }>('/v1/cards');
  await move(api, 'top_up', { cardId: more.cards[0]?.id, amount: yuan('500.00') });
  await api.put('/v1/me/small-payments', { upTo: yuan('200.00'), pin: goodPin });
  const spend = async (amount: string) => {
    const { id } = await api.start('pay', { orderId: await order(amount) });
    await api.step(id, 'confirm', {});
    expect(await api.settled(id)).toMatchObject({ state: 'succeeded' });
  };
  for (let i = 0; i < 4; i += 1) await spend('200.00');
  const walker = await stage.openSignedIn(person);
  const { flows, ui } = walker.words;
  await walker.goTo(`/pay/${await order('150.00')}`);
  await walker.press(flows.amount.review);
  await walker.button(/150\.00/).waitFor();
  await spend('120.00');
  // This device still believes that it goes without: pressing it opens the keypad, with the reason.
  await walker.press(/150\.00/);
  await walker.sees(flows.small.whyLeft.replace('{{amount}}', '¥80'));
  await walker.isGood();
  await walker.enterPin();
  await walker.sees(ui.receipt.done.pay);
  await spend('80.00');
  await walker.goTo(`/pay/${await order('10.00')}`);
  await walker.press(flows.amount.review);
  await walker.press(flows.confirm.enterPin);
  await walker.sees(flows.small.whyUsedUp.replace('{{amount}}', '¥1,000'));
  await walker.enterPin();
  await walker.sees(ui.receipt.done.pay);
  expect(await spendable(api)).toBe('23900');
  expect(walker.faults).toEqual([]);
  await walker.context.close();
});
