import { newPublicId, yuan } from '../../support/api.ts';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { bindCard, goodPin, move, openVerified } from '../../support/wallet.ts';
import type { Tour } from './steps.ts';

const zhao = samplePerson('赵敏');

/** Closing one's own wallet: what stands in the way, emptying it, what closing means, and a wallet that is closed. */
export async function tourClosing({ stage, view, look }: Tour): Promise<void> {
  const { wallet } = stage;
  const api = await openVerified(wallet, zhao);
  const card = sampleCard(zhao);
  const cardId = await bindCard(wallet, api, card);
  await move(api, 'top_up', { cardId, amount: yuan('20.00') });
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'lose_answer', only: ['credits', 'queries'] });
  const id = newPublicId('op');
  await api.start('withdraw', { cardId, amount: yuan('5.00') }, id);
  await api.step(id, 'confirm', { pin: goodPin });
  const walker = await stage.openSignedIn(zhao, view);
  const { flows, ui } = walker.words;
  await walker.goTo('/close');
  await walker.sees(flows.before.startFirst.replace('{{n}}', '1'));
  await look(walker, 'close-before');
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  await walker.page.getByRole('link', { name: /15\.00/ }).waitFor();
  // The screen notices by itself that the withdrawal has its result.
  await walker.sees(flows.close.beforeHeadline_one);
  await look(walker, 'close-balance');
  await walker.page.getByRole('link', { name: /15\.00/ }).click();
  await walker.press(flows.amount.review);
  await walker.press(flows.confirm.enterPin);
  await walker.enterPin();
  await walker.sees(ui.receipt.done.withdraw);
  await walker.press(flows.common.goOn);
  await walker.sees(flows.close.headline);
  await look(walker, 'close-ask');
  await walker.press(flows.close.now);
  await walker.page.getByRole('dialog').waitFor();
  await look(walker, 'close-pin');
  await walker.enterPin('111222');
  await walker.complaint();
  await look(walker, 'close-pin-wrong');
  await walker.enterPin();
  await walker.sees(flows.close.doneTitle);
  await look(walker, 'close-done');
  await walker.press(flows.common.done);
  // The screen before has notices too, but none that leads somewhere.
  await walker.page.locator('a.notice').waitFor();
  await look(walker, 'home-closed');
  await walker.goTo('/me');
  await walker.page.locator('.chip-stop').waitFor();
  await look(walker, 'me-closed');
  await walker.context.close();
}
