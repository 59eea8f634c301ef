import { afterAll, beforeAll, expect, test } from 'vitest';
import walletZh from '../../../web/wallet/words/zh-CN.json' with { type: 'json' };
import { samplePerson } from '../../support/samples.ts';
import { goodPin, openVerified } from '../../support/wallet.ts';
import { setStage, type Stage } from './stage.ts';
import type { Walker } from './walker.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
}, 180_000);
afterAll(() => stage.close());

const zhou = samplePerson('周明远');
const lin = samplePerson('林晓雯');
const newPin = '830274';

/** From the form to the new PIN, as every way to a reset goes. */
async function reset(walker: Walker, person: { name: string; idNumber: string; phone: string }): Promise<void> {
  const { flows } = walker.words;
  await walker.sees(flows.resetPin.headline);
  await walker.isGood();
  await walker.field(flows.verify.name).fill(person.name);
  await walker.field(flows.verify.idNumber).fill(person.idNumber);
  await walker.press(flows.resetPin.submit);
  await walker.sees(flows.code.title);
  await walker.isGood();
  await walker.enterCode(await walker.code(person.phone));
  await walker.sees(flows.pin.newHeadline);
  await walker.enterPin('111111');
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin('111111');
  // A weak one is told beside the keypad and the way begins there again.
  await walker.sees(/太好猜|too easy/);
  await walker.enterPin(newPin);
  await walker.sees(flows.pin.againHeadline);
  await walker.isGood();
  await walker.enterPin(newPin);
  await walker.sees(flows.resetPin.doneTitle);
  await walker.isGood();
  await walker.press(flows.common.goOn);
}

test('a forgotten PIN is reset from the settings, and wrong details are a card that leads back to them', async () => {
  const walker = await stage.openSignedIn(zhou);
  const { flows } = walker.words;
  await walker.goTo('/pin');
  await walker.page.getByRole('link', { name: flows.pin.forgot }).click();
  await walker.field(flows.verify.name).fill(lin.name);
  await walker.field(flows.verify.idNumber).fill(zhou.idNumber);
  await walker.press(flows.resetPin.submit);
  const { title, money, buttons } = await walker.failure();
  expect(title).toBe('姓名和证件号对不上');
  expect(money).toContain('密码没变');
  await walker.isGood();
  await walker.press(buttons[0] ?? '');
  expect(await walker.field(flows.verify.idNumber).inputValue()).not.toBe('');
  await reset(walker, zhou);
  await walker.page.getByRole('heading', { name: walletZh.me.title }).waitFor();
  expect(walker.faults).toEqual([]);
});

test('on a new device a locked PIN is reset from its card, and signing in goes on with the new one', async () => {
  await openVerified(stage.wallet, lin);
  const walker = await stage.open({ language: 'en' });
  const { flows } = walker.words;
  await walker.goTo('/open');
  await walker.input.fill(lin.phone.replace('+86', ''));
  await walker.press(flows.open.send);
  await walker.sees(flows.code.title);
  await walker.enterCode(await walker.code(lin.phone));
  await walker.sees(flows.open.pinTitle);
  for (let left = 4; left > 0; left -= 1) {
    await walker.enterPin('385016');
    await walker.sees(new RegExp(`Tries left: ${left}`));
  }
  await walker.enterPin('385016');
  const { title, buttons } = await walker.failure();
  expect(title).toBe('The payment PIN is locked for now');
  await walker.isGood();
  await walker.press(buttons[0] ?? '');
  await reset(walker, lin);
  await walker.sees(flows.open.pinTitle);
  await walker.enterPin(newPin);
  await walker.page.getByRole('navigation').first().waitFor();
  expect(walker.faults).toEqual([]);
});

test('an account is frozen from “me” and lifted again with name, ID number and PIN', async () => {
  const owner = samplePerson('陈志强');
  const walker = await stage.openSignedIn(owner);
  const { flows } = walker.words;
  await walker.goTo('/me');
  await walker.page.getByRole('link', { name: walletZh.me.freeze }).click();
  await walker.sees(flows.freeze.headline);
  await walker.isGood();
  await walker.press(flows.freeze.now);
  await walker.sees(flows.freeze.frozenTitle);
  await walker.isGood();
  await walker.goTo('/');
  await walker.page.getByRole('link', { name: new RegExp(walletZh.home.limitedLead.frozen) }).click();
  await walker.field(flows.verify.name).fill(owner.name);
  await walker.field(flows.verify.idNumber).fill(owner.idNumber);
  await walker.press(flows.freeze.lift);
  await walker.enterPin(goodPin);
  await walker.sees(flows.freeze.liftedTitle);
  await walker.press(flows.common.done);
  expect(walker.faults).toEqual([]);
});
