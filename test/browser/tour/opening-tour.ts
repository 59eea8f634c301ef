import { sampleCard, samplePerson } from '../../support/samples.ts';
import { asksForCode, binds, fails, local, opens, setsPin, typesCard, verifies, type Tour } from './steps.ts';

const zhou = samplePerson('周明远');

/** From the welcome to the first card, and what may go wrong on the way. */
export async function tourOpening({ stage, view, look }: Tour): Promise<void> {
  const walker = await stage.open(view);
  const { flows } = walker.words;
  await walker.goTo('/');
  await walker.page.locator('.welcome').waitFor();
  await look(walker, 'welcome');
  await walker.goTo('/open');
  await walker.input.waitFor();
  await look(walker, 'open-empty');
  await walker.input.fill('10000000000');
  await walker.press(flows.open.send);
  await walker.complaint();
  await look(walker, 'open-phone-refused');
  await opens(walker, zhou, look);
  await walker.sees(flows.verify.headline);
  await look(walker, 'verify-empty');
  const wrong = `${zhou.idNumber.slice(0, 17)}${zhou.idNumber.endsWith('1') ? '2' : '1'}`;
  await walker.field(flows.verify.idNumber).fill(wrong);
  await walker.complaint();
  await look(walker, 'verify-id-wrong');
  await verifies(walker, zhou, look);
  await walker.sees(flows.pin.setHeadline);
  await walker.enterPin('492');
  await look(walker, 'pin-typing');
  await walker.enterPin('715');
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin('492716');
  await walker.complaint();
  await look(walker, 'pin-different');
  await setsPin(walker, look);
  await walker.field(walker.words.ui.card.number).waitFor();
  await look(walker, 'bind-first');
  await walker.goTo('/');
  await walker.page.locator('.empty').waitFor();
  await look(walker, 'home-new');
  await walker.goTo('/cards');
  await walker.page.locator('.empty').waitFor();
  await look(walker, 'cards-empty');
  await walker.goTo('/history');
  await walker.page.locator('.empty').waitFor();
  await look(walker, 'history-empty');
  await walker.goTo('/top-up');
  await walker.page.locator('.empty').waitFor();
  await look(walker, 'top-up-no-card');
  await walker.goTo('/bind');
  await binds(walker, sampleCard(zhou, { bankCode: 'ICBC' }), look);
  await walker.context.close();
}

/** Codes that are wrong, locked and never come; an identity that does not match; a device that is new. */
export async function tourOpeningTrouble({ stage, view, look }: Tour): Promise<void> {
  const walker = await stage.open(view);
  const { flows } = walker.words;
  await asksForCode(walker, '+8613800009201');
  for (let left = 4; left > 0; left -= 1) {
    await walker.enterCode('000000');
    await walker.page
      .locator('.tally i.used')
      .nth(4 - left)
      .waitFor();
    if (left === 4) await look(walker, 'open-code-wrong');
  }
  await walker.enterCode('000000');
  await fails(walker);
  await look(walker, 'fail-code-locked');
  await walker.page.locator('.fail .btn-main').click();
  await walker.page.getByRole('timer').waitFor();
  await look(walker, 'sheet-wait');

  await stage.wallet.sandbox.setBehaviour('sms', { mode: 'undeliverable', times: 1 });
  await walker.goTo('/open');
  await walker.input.fill('13800009202');
  await walker.press(flows.open.send);
  await fails(walker);
  await look(walker, 'fail-sms');

  const wu = samplePerson('吴昊');
  await asksForCode(walker, wu.phone);
  await walker.enterCode(await walker.code(wu.phone));
  await walker.field(flows.verify.name).fill(wu.name);
  await walker.field(flows.verify.idNumber).fill(wu.idNumber);
  await walker.press(flows.verify.submit);
  await fails(walker);
  await look(walker, 'fail-identity');
  await walker.goTo('/bind');
  await walker.page.locator('.empty').waitFor();
  await look(walker, 'bind-not-verified');
  await walker.goTo('/');
  await walker.page.locator('.notice').first().waitFor();
  await look(walker, 'home-not-verified');
  await walker.context.close();

  const other = await stage.open(view);
  await asksForCode(other, zhou.phone);
  await other.enterCode(await other.code(zhou.phone));
  await other.sees(flows.open.pinTitle);
  await look(other, 'new-device-pin');
  await other.enterPin('111222');
  await other.complaint();
  await look(other, 'new-device-pin-wrong');
  await other.context.close();
}

/** Each way in which a card is not bound. */
export async function tourBindingTrouble({ look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { flows, ui } = walker.words;
  const elsewhere = sampleCard(zhou, { note: /另一个手机号/ });
  await walker.goTo('/bind');
  await walker.field(ui.card.number).fill('6222');
  await look(walker, 'bind-typing');
  await walker.field(ui.card.number).fill(elsewhere.number.replace(/.$/, (last) => String((Number(last) + 1) % 10)));
  const mine = walker.button(flows.bind.notThisPhone);
  if ((await mine.count()) > 0) await mine.click();
  await walker.field(flows.bind.phoneFull).fill(local(zhou.phone));
  await walker.page.getByRole('checkbox').check({ force: true });
  await walker.complaint();
  await look(walker, 'bind-number-typo');
  await walker.page.locator('.flow-agree .link').click();
  await walker.page.getByRole('dialog').waitFor();
  await look(walker, 'bind-agreement');
  await walker.page.keyboard.press('Escape');
  await walker.field(ui.card.number).fill('9999 9999 9999 9999');
  await walker.page.waitForLoadState('networkidle');
  await look(walker, 'bind-unknown-bank');
  await walker.field(ui.card.number).fill(elsewhere.number);
  await walker.press(flows.bind.send);
  await fails(walker);
  await look(walker, 'fail-bind-phone');
  await walker.page.locator('.quiet button').first().click();
  await walker.page.getByRole('dialog').waitFor();
  await look(walker, 'sheet-why');
  await walker.page.keyboard.press('Escape');
  await walker.page.locator('.quiet button').nth(1).click();
  await walker.page.getByRole('dialog').waitFor();
  await look(walker, 'sheet-support');
  await walker.page.keyboard.press('Escape');
  await walker.page.locator('.fail .btn-main').click();
  await walker.field(flows.bind.phoneFull).waitFor();
  await look(walker, 'bind-edit-phone');
  await walker.field(flows.bind.phoneFull).fill(local(elsewhere.reservedPhone));
  await walker.press(flows.bind.send);
  await walker.sees(flows.code.titleBank);
  await walker.enterCode('000000');
  await walker.complaint();
  await look(walker, 'bind-code-wrong');
  for (const state of ['CARD_EXPIRED', 'CARD_LOCKED'] as const) {
    const card = sampleCard(zhou, { state });
    await walker.goTo('/bind');
    await typesCard(walker, card);
    await walker.press(flows.bind.send);
    await fails(walker);
    await look(walker, `fail-bind-${state.toLowerCase().replaceAll('_', '-')}`);
  }
}
