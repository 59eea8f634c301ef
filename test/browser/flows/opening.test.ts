import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { openWallet } from '../../support/wallet.ts';
import { bindFrom, setStage, type Stage } from './stage.ts';
import type { Walker } from './walker.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
}, 180_000);
afterAll(() => stage.close());

const zhou = samplePerson('周明远');
const local = (phone: string): string => phone.replace('+86', '');

async function toCode(walker: Walker, phone: string): Promise<void> {
  await walker.goTo('/open');
  await walker.input.fill(local(phone));
  await walker.press(walker.words.flows.open.send);
  await walker.sees(walker.words.flows.code.title);
}

test('a number that is no phone is told beneath it and stays to be mended', async () => {
  const walker = await stage.open();
  const { flows } = walker.words;
  await walker.goTo('/open');
  await walker.input.fill('138');
  await walker.sees(flows.open.phoneShort);
  await walker.input.fill('10000000000');
  await walker.press(flows.open.send);
  expect(await walker.complaint()).not.toBe('');
  expect((await walker.input.inputValue()).replaceAll(' ', '')).toBe('10000000000');
  await walker.isGood();
});

test('leaving at the code is safe: the address brings the person back to the same step', async () => {
  const walker = await stage.open();
  const phone = '+8613800009101';
  await toCode(walker, phone);
  await walker.enterCode('000000');
  expect(await walker.complaint()).toMatch(/4/);
  await walker.isGood();
  await walker.page.reload();
  await walker.sees(walker.words.flows.code.title);
  await walker.page.getByText(walker.words.ui.code.triesLeft.replace('{{count}}', '4')).waitFor();
  await walker.enterCode(await walker.code(phone));
  await walker.sees(walker.words.flows.verify.headline);
  expect(walker.faults).toEqual([]);
});

test('five wrong codes lock it, and the card says until when', async () => {
  const walker = await stage.open();
  await toCode(walker, '+8613800009102');
  for (let left = 4; left > 0; left -= 1) {
    await walker.enterCode('000000');
    await walker.page.getByText(walker.words.ui.code.triesLeft.replace('{{count}}', String(left))).waitFor();
  }
  await walker.enterCode('000000');
  const { title, buttons } = await walker.failure();
  expect(title).toBe('验证码输错太多次');
  expect(buttons[0]).toMatch(/^等到 \d/);
  await walker.press(buttons[0] ?? '');
  await walker.page.getByRole('timer').waitFor();
  await walker.isAccessible();
});

test('a message that cannot be delivered is a card that leads back to the number', async () => {
  const walker = await stage.open();
  await stage.wallet.sandbox.setBehaviour('sms', { mode: 'undeliverable', times: 1 });
  await walker.goTo('/open');
  await walker.input.fill('13800009103');
  await walker.press(walker.words.flows.open.send);
  const { title } = await walker.failure();
  expect(title).toBe('验证码短信送不到');
  await walker.isGood();
  await walker.press('修改联系方式');
  expect((await walker.input.inputValue()).replaceAll(' ', '')).toBe('13800009103');
});

test('a wrong check digit is told while typing; a name that does not match is a card that keeps what was typed', async () => {
  const wu = samplePerson('吴昊');
  const walker = await stage.open();
  const { flows } = walker.words;
  await toCode(walker, wu.phone);
  await walker.enterCode(await walker.code(wu.phone));
  await walker.field(flows.verify.name).fill(wu.name);
  const wrong = `${wu.idNumber.slice(0, 17)}${wu.idNumber.endsWith('1') ? '2' : '1'}`;
  await walker.field(flows.verify.idNumber).fill(wrong);
  expect(await walker.complaint()).toBe(flows.verify.idWrong);
  await walker.field(flows.verify.idNumber).fill(wu.idNumber);
  await walker.press(flows.verify.submit);
  const { title, buttons } = await walker.failure();
  expect(title).toBe('姓名和证件号对不上');
  await walker.isGood();
  expect(buttons).toEqual(['修改姓名', '修改身份证号']);
  await walker.press('修改身份证号');
  expect(await walker.field(flows.verify.name).inputValue()).toBe(wu.name);
  expect((await walker.field(flows.verify.idNumber).inputValue()).replaceAll(' ', '')).toBe(wu.idNumber);
});

test('a weak PIN and two that differ are told, and the third way is taken', async () => {
  const chen = samplePerson('陈志强');
  const walker = await stage.open();
  const { flows } = walker.words;
  await toCode(walker, chen.phone);
  await walker.enterCode(await walker.code(chen.phone));
  await walker.field(flows.verify.name).fill(chen.name);
  await walker.field(flows.verify.idNumber).fill(chen.idNumber);
  await walker.press(flows.verify.submit);
  await walker.press(flows.common.goOn);
  await walker.sees(flows.pin.setHeadline);
  await walker.enterPin('111111');
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin('111111');
  expect(await walker.complaint()).toContain('太好猜');
  await walker.enterPin();
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin('492716');
  expect(await walker.complaint()).toBe(flows.pin.different);
  await walker.enterPin();
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin();
  await walker.sees(flows.pin.doneTitle);
});

test('a card number is checked at once, and a phone that the bank does not know is the only thing to mend', async () => {
  const walker = await stage.openSignedIn(zhou);
  const { flows, ui } = walker.words;
  const card = sampleCard(zhou, { note: /另一个手机号/ });
  await walker.goTo('/bind');
  await walker.field(ui.card.number).fill(card.number.replace(/.$/, (last) => String((Number(last) + 1) % 10)));
  await walker.sees(flows.bind.notThisPhone);
  await walker.page.getByRole('checkbox').check({ force: true });
  expect(await walker.complaint()).toBe(flows.bind.numberTypo);
  await walker.field(ui.card.number).fill(card.number);
  await walker.press(flows.bind.send);
  const { title, money } = await walker.failure();
  expect(title).toBe('手机号和银行预留的不同');
  expect(money).toBe(ui.money.none.bind_card);
  await walker.isGood();
  await walker.press('修改银行预留手机号');
  expect((await walker.field(ui.card.number).inputValue()).replaceAll(' ', '')).toBe(card.number);
  await walker.field(flows.bind.phoneFull).fill(local(card.reservedPhone));
  await walker.press(flows.bind.send);
  await walker.sees(flows.code.titleBank);
  await walker.enterCode('000000');
  expect(await walker.complaint()).toMatch(/银行验证码没通过/);
  await walker.isGood();
  await walker.enterCode(await walker.code(card.reservedPhone));
  await walker.sees(flows.bind.doneTitle);
  expect(walker.faults).toEqual([]);
});

test.each([
  ['CARD_EXPIRED', '这张卡过期了'],
  ['CARD_LOCKED', '这张卡被银行锁住了'],
  ['CARD_NOT_ACTIVATED', '这张新卡还没激活'],
])('a card in the state %s is a card with a way on', async (state, sentence) => {
  const walker = await stage.openSignedIn(zhou);
  const { flows, ui } = walker.words;
  const card = sampleCard(zhou, { state });
  await walker.goTo('/bind');
  await walker.field(ui.card.number).fill(card.number);
  await walker.page.getByRole('checkbox').check({ force: true });
  await walker.press(flows.bind.send);
  const { title, buttons } = await walker.failure();
  expect(title).toBe(sentence);
  // Calling the bank comes first where it can help; another card is always a way.
  await walker.press(buttons.find((button) => button === flows.cards.other) ?? '');
  await walker.field(ui.card.number).waitFor();
});

test('who is not verified is led to it from binding, and comes back', async () => {
  const phone = '+8613800009104';
  await openWallet(stage.wallet, phone);
  const walker = await stage.open();
  await toCode(walker, phone);
  await walker.enterCode(await walker.code(phone));
  await walker.sees(walker.words.flows.verify.headline);
  await walker.goTo('/bind');
  await walker.sees(walker.words.flows.bind.needIdentity);
  await walker.isGood();
  await walker.page.getByRole('link', { name: walker.words.flows.bind.goVerify }).click();
  await walker.sees(walker.words.flows.verify.headline);
});

test('the same card twice leads to the list of cards', async () => {
  const wen = samplePerson('林晓雯');
  const walker = await stage.openSignedIn(wen);
  const card = sampleCard(wen, { bankCode: 'ICBC' });
  await bindFrom(walker, card);
  const { flows, ui } = walker.words;
  await walker.goTo('/bind');
  await walker.field(ui.card.number).fill(card.number);
  await walker.page.getByRole('checkbox').check({ force: true });
  await walker.press(flows.bind.send);
  const { title, buttons } = await walker.failure();
  expect(title).toBe('这张卡已经绑过了');
  await walker.press(buttons[0] ?? '');
  await walker.page.waitForURL(/\/cards/);
});
