import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPublicId, yuan, Api } from '../../support/api.ts';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { goodPin, openVerified } from '../../support/wallet.ts';
import { setStage, type Stage } from './stage.ts';
import type { Walker } from './walker.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
}, 180_000);
afterAll(() => stage.close());

const zhous = samplePerson('周明远');
const lins = samplePerson('林晓雯');
const payee = samplePerson('王秀兰');

async function opens(walker: Walker, person: typeof zhous): Promise<void> {
  const { flows } = walker.words;
  await walker.goTo('/open');
  await walker.input.fill(person.phone.replace('+86', ''));
  await walker.isGood();
  await walker.press(flows.open.send);
  await walker.sees(flows.code.title);
  await walker.isGood();
  await walker.enterCode(await walker.code(person.phone));
}

async function verifies(walker: Walker, person: typeof zhous): Promise<void> {
  const { flows } = walker.words;
  await walker.field(flows.verify.name).fill(person.name);
  await walker.field(flows.verify.idNumber).fill(person.idNumber);
  await walker.isGood();
  await walker.press(flows.verify.submit);
  await walker.sees(flows.verify.doneTitle);
  await walker.isGood();
  await walker.press(flows.common.goOn);
}

async function setsPin(walker: Walker): Promise<void> {
  const { flows } = walker.words;
  await walker.sees(flows.pin.setHeadline);
  await walker.isGood();
  await walker.enterPin();
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin();
  await walker.sees(flows.pin.doneTitle);
  await walker.press(flows.pin.goOn);
}

async function binds(walker: Walker, card: ReturnType<typeof sampleCard>): Promise<void> {
  const { flows, ui } = walker.words;
  await walker.field(ui.card.number).fill(card.number);
  await walker.sees(ui.card.canBind);
  await walker.page.getByRole('checkbox').check({ force: true });
  await walker.isGood();
  await walker.press(flows.bind.send);
  await walker.sees(flows.code.titleBank);
  await walker.isGood();
  await walker.enterCode(await walker.code(card.reservedPhone));
  await walker.sees(flows.bind.doneTitle);
  await walker.isGood();
}

async function confirms(walker: Walker, done: string): Promise<void> {
  const { flows } = walker.words;
  await walker.press(flows.amount.review);
  await walker.button(flows.confirm.enterPin).waitFor();
  await walker.isGood();
  await walker.press(flows.confirm.enterPin);
  await walker.isGood();
  await walker.enterPin();
  await walker.sees(done);
  await walker.isGood();
}

describe.each([
  { language: 'zh-CN', person: zhous, theme: 'light' },
  { language: 'en', person: lins, theme: 'dark' },
] as const)('the whole story, $language', ({ language, person, theme }) => {
  test('opens, verifies, sets a PIN, binds, tops up, pays, sends, withdraws', { timeout: 180_000 }, async () => {
    const walker = await stage.open({ language, theme });
    const { flows, ui } = walker.words;
    const card = sampleCard(person, { bankCode: 'ICBC' });
    await opens(walker, person);
    await verifies(walker, person);
    await setsPin(walker);
    await binds(walker, card);

    await walker.page.getByRole('link', { name: flows.bind.doneTopUp }).click();
    for (const key of '500') await walker.button(key).last().click();
    await walker.isGood();
    await confirms(walker, ui.receipt.done.top_up);
    await walker.press(flows.common.done);

    const merchant = new Api(stage.wallet.url, stage.wallet.shopKey);
    const order = await merchant.post<{ id: string }>('/v1/merchant/orders', {
      id: newPublicId('ord'),
      amount: yuan('36.50'),
      description: '随园食单',
    });
    await walker.goTo('/scan');
    await walker.press(flows.scan.paste);
    await walker.field(flows.scan.pasteLabel).fill(`${stage.url}/pay/${order.id}`);
    await walker.press(flows.scan.open);
    await walker.sees('随园食单');
    await confirms(walker, ui.receipt.done.pay);
    expect((await merchant.get<{ state: string }>(`/v1/merchant/orders/${order.id}`)).state).toBe('paid');

    const other = language === 'en' ? samplePerson('陈志强') : payee;
    const payees = await openVerified(stage.wallet, other);
    await walker.goTo('/send');
    await walker.input.fill(other.phone.replace('+86', ''));
    await walker.press(flows.send.find);
    await walker.sees(flows.send.checkName);
    await walker.isGood();
    await walker.press(flows.send.yes);
    await walker.field(flows.send.amount).fill('88.5');
    await walker.field(flows.send.note).fill('午饭');
    await confirms(walker, ui.receipt.done.transfer_out);
    const theirs = await payees.get<{ available: { minor: string } }>('/v1/balance');
    expect(theirs.available.minor).toBe('8850');

    await walker.goTo('/withdraw');
    await walker.press(flows.withdraw.all);
    await confirms(walker, ui.receipt.done.withdraw);
    await walker.press(flows.common.done);
    await walker.page.getByText('0.00').first().waitFor();
    expect(walker.faults).toEqual([]);
    await walker.context.close();
  });
});

test('a wallet that has a PIN asks for it on a new device, and everything is there', async () => {
  const person = samplePerson('李思远');
  await openVerified(stage.wallet, person);
  const walker = await stage.open();
  await opens(walker, person);
  await walker.sees(walker.words.flows.open.pinTitle);
  await walker.enterPin('111222');
  expect(await walker.complaint()).toContain('4');
  await walker.enterPin(goodPin);
  await walker.page.waitForURL(`${stage.url}/`);
  expect(walker.faults).toEqual([]);
});
