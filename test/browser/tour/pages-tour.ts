import { sampleCard, samplePerson } from '../../support/samples.ts';
import { bindCard, move, openVerified } from '../../support/wallet.ts';
import { seesRows, type Tour } from './steps.ts';

const zhou = samplePerson('周明远');

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
