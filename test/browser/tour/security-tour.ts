import { Api, newPublicId, yuan } from '../../support/api.ts';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { bindCard, move, openVerified } from '../../support/wallet.ts';
import type { Walker } from '../flows/walker.ts';
import { fails, local, reviews, type Look, type Tour } from './steps.ts';

const chen = samplePerson('陈志强');
const payee = samplePerson('王秀兰');
const newPin = '830274';

/** What keeps a wallet safe: small sums without the PIN, the freeze, the reset of a PIN, a PIN that is locked. */
export async function tourSecurity({ stage, view, look }: Tour): Promise<void> {
  const api = await openVerified(stage.wallet, chen);
  const cardId = await bindCard(stage.wallet, api, sampleCard(chen, { state: 'normal' }));
  await move(api, 'top_up', { cardId, amount: yuan('800.00') });
  const walker = await stage.openSignedIn(chen, view);
  await allowsSmallSums(walker, look);
  await freezes(walker, look);
  await resetsPin(walker, look);
  await locksPin(walker, look);
  await walker.context.close();
}

async function allowsSmallSums(walker: Walker, look: Look): Promise<void> {
  const { flows, ui } = walker.words;
  await walker.goTo('/small-payments');
  await walker.sees(flows.small.headline);
  await look(walker, 'small-off');
  await walker.press(flows.small.turnOn);
  await walker.page.getByRole('dialog').waitFor();
  await walker.enterPin('111222');
  await walker.complaint();
  await look(walker, 'small-pin-wrong');
  await walker.enterPin();
  await walker.sees(flows.small.on);
  await look(walker, 'small-on');
  await walker.page.getByRole('radio').first().click();
  await look(walker, 'small-other-sum');
  await walker.goTo('/send');
  await walker.input.fill(local(payee.phone));
  await walker.press(flows.send.find);
  await walker.press(flows.send.yes);
  await walker.field(flows.send.amount).fill('48.8');
  await walker.press(flows.amount.review);
  await walker.button(/48\.80/).waitFor();
  await look(walker, 'send-small-confirm');
  await walker.press(/48\.80/);
  await walker.sees(ui.receipt.done.transfer_out);
  await look(walker, 'send-small-receipt');
  const orderOf = async (amount: string) => {
    const id = newPublicId('ord');
    const shop = new Api(walker.wallet.url, walker.wallet.shopKey);
    await shop.post('/v1/merchant/orders', { id, amount: yuan(amount), description: '《围城》' });
    return id;
  };
  await walker.goTo(`/pay/${await orderOf('39.00')}`);
  await walker.press(flows.amount.review);
  await walker.button(/39\.00/).waitFor();
  await look(walker, 'pay-small-confirm');
  await walker.goTo(`/pay/${await orderOf('260.00')}`);
  await walker.press(flows.amount.review);
  await walker.press(flows.confirm.enterPin);
  await walker.page.locator('.flow-because').waitFor();
  await look(walker, 'pay-pin-why');
}

async function freezes(walker: Walker, look: Look): Promise<void> {
  const { flows } = walker.words;
  await walker.goTo('/freeze');
  await walker.sees(flows.freeze.headline);
  await look(walker, 'freeze');
  await walker.press(flows.freeze.now);
  await walker.sees(flows.freeze.frozenTitle);
  await look(walker, 'freeze-frozen');
  await walker.goTo('/');
  await walker.page.locator('.notice').first().waitFor();
  await look(walker, 'home-frozen');
  await walker.goTo('/me');
  await walker.page.locator('.chip-stop').waitFor();
  await look(walker, 'me-frozen');
  await reviews(walker, '/withdraw', '20');
  await fails(walker);
  await look(walker, 'fail-frozen');
  await walker.goTo('/freeze');
  await walker.field(flows.verify.name).fill(chen.name);
  await walker.field(flows.verify.idNumber).fill(payee.idNumber);
  await look(walker, 'freeze-lift-filled');
  await walker.press(flows.freeze.lift);
  await walker.enterPin();
  await fails(walker);
  await look(walker, 'fail-lift');
  await walker.page.locator('.fail .btn-main').click();
  await walker.field(flows.verify.idNumber).fill(chen.idNumber);
  await walker.press(flows.freeze.lift);
  await walker.enterPin();
  await walker.sees(flows.freeze.liftedTitle);
  await look(walker, 'freeze-lifted');
}

async function resetsPin(walker: Walker, look: Look): Promise<void> {
  const { flows } = walker.words;
  await walker.goTo('/pin/reset');
  await walker.sees(flows.resetPin.headline);
  await look(walker, 'reset-empty');
  await walker.field(flows.verify.name).fill(payee.name);
  await walker.field(flows.verify.idNumber).fill(chen.idNumber);
  await walker.press(flows.resetPin.submit);
  await fails(walker);
  await look(walker, 'fail-reset-identity');
  await walker.page.locator('.fail .btn-main').click();
  await walker.field(flows.verify.name).fill(chen.name);
  await walker.press(flows.resetPin.submit);
  await walker.sees(flows.code.title);
  await look(walker, 'reset-code');
  await walker.enterCode('000000');
  await walker.complaint();
  await look(walker, 'reset-code-wrong');
  await walker.enterCode(await walker.code(chen.phone));
  await walker.sees(flows.pin.newHeadline);
  await look(walker, 'reset-new-pin');
  await walker.enterPin('111111');
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin('111111');
  await walker.complaint();
  await look(walker, 'reset-pin-weak');
  await walker.enterPin(newPin);
  await walker.sees(flows.pin.againHeadline);
  await look(walker, 'reset-pin-again');
  await walker.enterPin(newPin);
  await walker.sees(flows.resetPin.doneTitle);
  await look(walker, 'reset-done');
  await walker.goTo('/limits');
  await walker.page.locator('.limit').first().waitFor();
  await look(walker, 'limits-pause');
}

async function locksPin(walker: Walker, look: Look): Promise<void> {
  const { flows } = walker.words;
  await walker.goTo('/pin');
  await walker.sees(flows.pin.currentHeadline);
  for (const pin of ['111222', newPin.replace('8', '7'), newPin.replace('8', '7')]) await walker.enterPin(pin);
  await walker.complaint();
  await look(walker, 'pin-current-wrong');
  await reviews(walker, '/withdraw', '20');
  await walker.press(flows.confirm.enterPin);
  for (let left = 3; left >= 0; left -= 1) {
    await walker.enterPin('111222');
    if (left > 0) await walker.sees(new RegExp(`(还可以试 |Tries left: )${left}`));
  }
  await fails(walker);
  await look(walker, 'fail-pin-locked');
  await walker.goTo('/me');
  await walker.page.locator('.choice').first().waitFor();
  await look(walker, 'me-pin-locked');
}
