import { sampleCard, samplePerson } from '../../support/samples.ts';
import { bindCard, move, openVerified } from '../../support/wallet.ts';
import type { Walker } from '../flows/walker.ts';
import { fails, type Tour } from './steps.ts';

const zhou = samplePerson('周明远');
const seesRows = (walker: Walker): Promise<void> => walker.page.locator('.row .amt').first().waitFor();

/** The pages of a wallet that is in use. */
export async function tourPages({ stage, look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { page } = walker;
  const lin = samplePerson('林晓雯');
  const api = await openVerified(stage.wallet, lin);
  const cardId = await bindCard(stage.wallet, api, sampleCard(lin, { bankCode: 'ICBC' }));
  await move(api, 'top_up', { cardId, amount: { minor: '90000', currency: 'CNY' } });
  const amount = { minor: '32000', currency: 'CNY' };
  await move(api, 'transfer', { payeePhone: zhou.phone, amount, note: '午饭的钱' });
  await walker.goTo('/');
  await seesRows(walker);
  await look(walker, 'home');
  await page.locator('.bal .tap').click();
  await look(walker, 'home-hidden');
  await page.locator('.bal .tap').click();
  await walker.goTo('/history');
  await seesRows(walker);
  await look(walker, 'history');
  await page.locator('.row .amt').first().click();
  await page.locator('.slip').waitFor();
  await look(walker, 'transaction');
  await walker.goTo('/cards');
  await page.locator('.row .bank').first().waitFor();
  await look(walker, 'cards');
  await page.locator('.row .bank').first().click();
  await page.locator('.plate').waitFor();
  await look(walker, 'card');
  await page.locator('.btn-plain').click();
  await page.getByRole('dialog').waitFor();
  await look(walker, 'card-remove');
  await walker.goTo('/me');
  await page.locator('.choice').first().waitFor();
  await look(walker, 'me');
  await walker.goTo('/limits');
  await page.locator('.limit').first().waitFor();
  await look(walker, 'limits');
  await walker.goTo('/status');
  await page.locator('.row .bank').first().waitFor();
  await look(walker, 'status');
  // How a bank does is learnt from traffic, slowly; here the answer says at once that one is not well.
  await page.route('**/v1/status', async (route) => {
    const answer = await route.fetch();
    const told = (await answer.json()) as { banks: { bankCode: string; state: string }[] };
    const banks = told.banks.map((bank) => (bank.bankCode === 'CCB' ? { ...bank, state: 'maintenance' } : bank));
    await route.fulfill({ json: { ...told, banks } });
  });
  await walker.goTo('/status');
  await page.locator('.row .note.ink').first().waitFor();
  await look(walker, 'status-maintenance');
  await walker.goTo('/');
  await page.locator('.notice').first().waitFor();
  await look(walker, 'home-bank-trouble');
  await page.unroute('**/v1/status');
  await walker.goTo('/pin');
  await page.locator('.pin').waitFor();
  await look(walker, 'pin-change');
  await walker.goTo('/no-such-page');
  await page.locator('.empty').waitFor();
  await look(walker, 'not-found');
}

/** Waiting, no connection, a session that has ended, parts and answers that do not come. */
export async function tourWorldTrouble({ look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { page } = walker;
  const { flows } = walker.words;
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  await page.route(/\/v1\/(balance|transactions|operations|cards)/, async (route) => {
    await held;
    await route.fallback().catch(() => undefined);
  });
  await walker.goTo('/');
  await page.locator('.bone').first().waitFor();
  await look(walker, 'home-loading');
  await walker.goTo('/history');
  await page.locator('.bone').first().waitFor();
  await look(walker, 'history-loading');
  release();
  await page.unroute(/\/v1\/(balance|transactions|operations|cards)/);

  await walker.goTo('/');
  await seesRows(walker);
  await page.waitForLoadState('networkidle');
  await walker.context.setOffline(true);
  await page.locator('.offline').waitFor();
  await look(walker, 'home-offline');
  await walker.context.setOffline(false);
  await walker.goTo('/top-up');
  await walker.input.fill('47');
  await walker.context.setOffline(true);
  await walker.sees(flows.common.offlineButton);
  await look(walker, 'top-up-offline');
  await walker.context.setOffline(false);

  await page.route(/\/v1\/transactions/, (route) => route.abort('connectionrefused'));
  await walker.goTo('/history');
  await fails(walker);
  await look(walker, 'fail-history-unreachable');
  await page.unroute(/\/v1\/transactions/);
  await page.route(/\/assets\/cards-page/, (route) => route.fulfill({ status: 404, body: '' }));
  await walker.goTo('/cards');
  await fails(walker);
  // The page says of itself what it met; here that is meant.
  walker.faults.length = 0;
  await look(walker, 'fail-app-stale');
  await page.unroute(/\/assets\/cards-page/);

  await walker.goTo('/top-up');
  await walker.input.fill('48');
  await walker.context.clearCookies();
  await walker.press(flows.amount.review);
  await fails(walker);
  await look(walker, 'fail-session');
}
