import { afterAll, beforeAll, expect, test } from 'vitest';
import walletEn from '../../../web/wallet/words/en.json' with { type: 'json' };
import walletZh from '../../../web/wallet/words/zh-CN.json' with { type: 'json' };
import { yuan } from '../../support/api.ts';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { bindCard, goodPin, move, openVerified } from '../../support/wallet.ts';
import { setStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
}, 180_000);
afterAll(() => stage.close());

const meOf = (api: { get: (path: string) => Promise<unknown> }) => api.get('/v1/me');

test.each([
  { language: 'zh-CN', wallet: walletZh, person: samplePerson('赵敏') },
  { language: 'en', wallet: walletEn, person: samplePerson('王秀兰') },
] as const)('a wallet is emptied and closed from the settings, and says how it is opened again ($language)', async ({
  language,
  wallet,
  person,
}) => {
  const api = await openVerified(stage.wallet, person);
  const cardId = await bindCard(stage.wallet, api, sampleCard(person));
  await move(api, 'top_up', { cardId, amount: yuan('12.34') });
  await api.post('/v1/me/freeze');
  const walker = await stage.openSignedIn(person, { language });
  const { page } = walker;
  const { flows, ui } = walker.words;

  // Frozen and not empty: both are told at once, and each leads to where it is ended.
  await walker.goTo('/me');
  await page.getByRole('link', { name: wallet.me.close }).click();
  await walker.sees(flows.before.startFirst.replace('{{n}}', '1'));
  await walker.isGood();
  await page.getByRole('link', { name: flows.freeze.lift, exact: true }).click();
  await walker.field(flows.verify.name).fill(person.name);
  await walker.field(flows.verify.idNumber).fill(person.idNumber);
  await walker.press(flows.freeze.lift);
  await walker.enterPin();
  await walker.sees(flows.freeze.liftedTitle);
  await walker.press(flows.common.done);

  await walker.sees(flows.close.beforeHeadline_one);
  await walker.isGood();
  await page.getByRole('link', { name: /12\.34/ }).click();
  await walker.press(flows.amount.review);
  await walker.press(flows.confirm.enterPin);
  await walker.enterPin();
  await walker.sees(ui.receipt.done.withdraw);
  await walker.press(flows.common.goOn);

  await walker.sees(flows.close.headline);
  await walker.isGood();
  await walker.press(flows.close.now);
  await walker.enterPin('111222');
  await walker.complaint();
  await walker.isGood();
  expect(await meOf(api)).toMatchObject({ accountState: 'normal' });
  await walker.enterPin();
  await walker.sees(flows.close.doneTitle);
  await page.locator('.notice', { hasText: flows.close.againText }).waitFor();
  await walker.isGood();
  expect(await meOf(api)).toMatchObject({ accountState: 'closed', accountCause: 'account.closed' });

  await walker.press(flows.common.done);
  await page.getByRole('link', { name: new RegExp(wallet.home.limitedLead.closed.trim()) }).click();
  await walker.sees(flows.close.doneTitle);
  // What was there before can still be read.
  await walker.goTo('/history');
  await page.locator('.row .amt').first().waitFor();
  expect(walker.faults).toEqual([]);
  await walker.context.close();
});

test('money that comes in at the last moment, and an answer that was lost, leave the person where they can see it', async () => {
  const person = samplePerson('陈志强');
  const payer = samplePerson('周明远');
  const api = await openVerified(stage.wallet, person);
  await bindCard(stage.wallet, api, sampleCard(person));
  const other = await openVerified(stage.wallet, payer);
  const cardId = await bindCard(stage.wallet, other, sampleCard(payer, { bankCode: 'ICBC' }));
  await move(other, 'top_up', { cardId, amount: yuan('30.00') });
  const walker = await stage.openSignedIn(person);
  const { page } = walker;
  const { flows } = walker.words;
  await walker.goTo('/close');
  await walker.press(flows.close.now);
  await move(other, 'transfer', { payeePhone: person.phone, amount: yuan('3.00') });
  await walker.enterPin();
  await walker.sees(flows.close.beforeHeadline_one);
  await page.getByRole('link', { name: /3\.00/ }).waitFor();
  expect(await meOf(api)).toMatchObject({ accountState: 'normal' });
  await move(api, 'transfer', { payeePhone: payer.phone, amount: yuan('3.00') });

  await walker.goTo('/close');
  let asked = 0;
  await page.route('**/v1/me/close', async (route) => {
    asked += 1;
    await route.fetch();
    await route.abort('connectionreset');
  });
  await walker.press(flows.close.now);
  await walker.enterPin(goodPin);
  // It was done although nobody heard of it, and the page finds that out by itself.
  await walker.sees(flows.close.doneTitle);
  expect(asked).toBe(1);
  expect(await meOf(api)).toMatchObject({ accountState: 'closed' });
  await walker.context.close();
});
