import { expect } from 'vitest';
import type { Problem } from '../../src/contract/problem.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import { type Api, newPublicId, yuan } from './api.ts';
import { ming, mingsCard, wen } from './samples.ts';
import { bindCard, goodPin, move, openVerified, type TestWallet } from './wallet.ts';

/** A shop that pays people out, as they and it see it through the API. */

export type Payout = { id: string; state: 'paid' | 'refused'; transactionId: string | null; failure: Problem | null };
export type Batch = { id: string; paid: number; refused: number; payouts: Payout[] };

export const payout = (amount: string, more: object = {}) => ({
  id: newPublicId('po'),
  payeePhone: wen.phone,
  amount: yuan(amount),
  note: 'wages',
  ...more,
});
export const batchOf = (...payouts: object[]) => ({ id: newPublicId('pb'), payouts });
/** What became of each, in the order of asking. */
export const codes = ({ payouts }: Batch) => payouts.map(({ state, failure }) => failure?.code ?? state);
export const fen = async (api: Api) => BigInt((await api.get<Balance>('/v1/balance')).available.minor);

/** What a shop can pay out is what it was paid. */
export async function payShop(payer: Api, shop: Api, sum: string): Promise<void> {
  const orderId = newPublicId('ord');
  await shop.post('/v1/merchant/orders', { id: orderId, amount: yuan(sum), description: 'a shelf of books' });
  const payment = await payer.start('pay', { orderId });
  expect(await payer.step(payment.id, 'confirm', { pin: goodPin })).toMatchObject({ state: 'succeeded' });
}

/** Two people, of whom one has 1,000 yuan in the wallet to pay shops with. */
export async function openPayers(wallet: TestWallet): Promise<{ me: Api; her: Api }> {
  const me = await openVerified(wallet, ming);
  const her = await openVerified(wallet, wen);
  const cardId = await bindCard(wallet, me, mingsCard);
  await wallet.sandbox.setCard(mingsCard.number, { balance: '20000000' });
  await move(me, 'top_up', { cardId, amount: yuan('1000.00') });
  return { me, her };
}
