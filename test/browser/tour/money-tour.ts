import { Api, newPublicId, yuan } from '../../support/api.ts';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { openVerified } from '../../support/wallet.ts';
import { bindFrom, type Stage } from '../flows/stage.ts';
import type { Walker } from '../flows/walker.ts';
import { confirms, fails, local, type Look, moves, reviews, type Tour } from './steps.ts';

const zhou = samplePerson('周明远');

/** Money in, to others and out, each to its receipt. */
export async function tourMoney({ stage, look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { flows, ui } = walker.words;
  await bindFrom(walker, sampleCard(zhou, { bankCode: 'CCB' }));
  await walker.goTo('/top-up');
  await walker.input.waitFor();
  await look(walker, 'top-up-empty');
  await walker.press(new RegExp(flows.cards.change));
  await walker.page.getByRole('dialog').waitFor();
  await look(walker, 'top-up-choose-card');
  await walker.press(/3456|ICBC|工商/);
  await walker.input.fill('12.34');
  await walker.page.keyboard.type('5');
  await walker.complaint();
  await look(walker, 'top-up-decimals');
  await walker.input.fill('5000');
  await look(walker, 'top-up-amount');
  await confirms(walker, 'top-up', ui.receipt.done.top_up, look);

  const merchant = new Api(stage.wallet.url, stage.wallet.shopKey);
  const order = await merchant.post<{ id: string }>('/v1/merchant/orders', {
    id: newPublicId('ord'),
    amount: yuan('36.50'),
    description: '随园食单',
  });
  await walker.goTo('/scan');
  await walker.button(flows.scan.paste).waitFor();
  await look(walker, 'scan');
  await walker.press(flows.scan.paste);
  await walker.page.getByRole('dialog').waitFor();
  await look(walker, 'scan-paste');
  await walker.field(flows.scan.pasteLabel).fill(`${stage.url}/pay/${order.id}`);
  await walker.press(flows.scan.open);
  await walker.sees('随园食单');
  await look(walker, 'pay-order');
  await confirms(walker, 'pay', ui.receipt.done.pay, look);
  await walker.goTo(`/pay/${order.id}`);
  await walker.sees(flows.pay.state.paid);
  await look(walker, 'pay-paid');
  await sends(stage, walker, look);
  await walker.goTo('/withdraw');
  await walker.input.fill('300');
  await look(walker, 'withdraw-amount');
  await confirms(walker, 'withdraw', ui.receipt.done.withdraw, look);
}

async function sends(stage: Stage, walker: Walker, look: Look): Promise<void> {
  const { flows, ui } = walker.words;
  const payee = samplePerson('王秀兰');
  await openVerified(stage.wallet, payee);
  await walker.goTo('/send');
  await walker.input.waitFor();
  await look(walker, 'send-empty');
  await walker.input.fill(local(zhou.phone));
  await walker.press(flows.send.find);
  await walker.complaint();
  await look(walker, 'send-oneself');
  await walker.input.fill(local(payee.phone));
  await walker.press(flows.send.find);
  await walker.sees(flows.send.checkName);
  await look(walker, 'send-check-name');
  await walker.press(flows.send.yes);
  await walker.field(flows.send.amount).waitFor();
  await look(walker, 'send-sum-empty');
  await walker.field(flows.send.amount).fill('1288.5');
  await walker.field(flows.send.note).fill('周末爬山的车费和午饭');
  await look(walker, 'send-sum');
  await confirms(walker, 'send', ui.receipt.done.transfer_out, look);
}

/** The address of a top-up from this card. */
async function topUpFrom(walker: Walker, card: { number: string }): Promise<string> {
  const answer = await walker.page.request.get(`${walker.url}/v1/cards`);
  const { cards } = (await answer.json()) as { cards: { id: string; last4: string }[] };
  return `/top-up?card=${cards.find(({ last4 }) => last4 === card.number.slice(-4))?.id ?? ''}`;
}

/** What stops money before it is begun: limits, too little of it, wrong PINs. */
export async function tourBefore({ look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { flows } = walker.words;
  await reviews(walker, '/top-up', '18000');
  await fails(walker);
  await look(walker, 'fail-limit');
  await reviews(walker, '/top-up', '60000');
  await walker.page.locator('.pf li').nth(1).waitFor();
  await look(walker, 'before-two');
  await reviews(walker, '/withdraw', '8000');
  await fails(walker);
  await look(walker, 'fail-short');
  await walker.goTo('/withdraw');
  await walker.input.fill('987654321');
  await walker.complaint();
  await look(walker, 'withdraw-too-large');
  await walker.input.fill('88000');
  await look(walker, 'withdraw-more-than-there-is');
  await walker.goTo('/send');
  await walker.input.fill('13800009999');
  await walker.press(flows.send.find);
  await walker.page.locator('.fail, [role="alert"]').first().waitFor();
  await look(walker, 'send-no-wallet');
  await reviews(walker, '/top-up', '200');
  await walker.press(flows.confirm.enterPin);
  await walker.enterPin('111222');
  await walker.complaint();
  await look(walker, 'top-up-pin-wrong');
  await walker.goTo('/scan');
  await walker.press(flows.scan.paste);
  await walker.field(flows.scan.pasteLabel).fill('https://example.com/');
  await walker.press(flows.scan.open);
  await fails(walker);
  await look(walker, 'fail-code-unread');
  await walker.goTo(`/pay/${newPublicId('ord')}`);
  await fails(walker);
  await look(walker, 'fail-no-order');
}

/** Cards and banks that say no, or nothing. */
export async function tourBankTrouble({ stage, look, zhous }: Tour): Promise<void> {
  const walker = await zhous();
  const { flows } = walker.words;
  const { sandbox } = stage.wallet;
  const fromIcbc = await topUpFrom(walker, sampleCard(zhou, { bankCode: 'ICBC' }));
  const fromCcb = await topUpFrom(walker, sampleCard(zhou, { bankCode: 'CCB' }));
  const declines = { mode: 'decline', only: 'debits', times: 1 } as const;
  await sandbox.setBehaviour('CCB', { ...declines, code: 'RISK_REFUSED' });
  await moves(walker, fromCcb, '501');
  await fails(walker);
  await look(walker, 'fail-risk');
  await sandbox.setBehaviour('CCB', { ...declines, code: 'CARD_EXPIRED' });
  await moves(walker, fromCcb, '500');
  await fails(walker);
  await look(walker, 'fail-card-expired');
  await sandbox.setBehaviour('ICBC', { mode: 'slow', delayMs: 8000 });
  await moves(walker, fromIcbc.replace('top-up', 'withdraw'), '20');
  await walker.sees(flows.withdraw.working);
  await look(walker, 'withdraw-working');

  await sandbox.setBehaviour('ICBC', { mode: 'silent' });
  await moves(walker, fromIcbc, '500');
  await walker.page.locator('.ask').waitFor();
  await look(walker, 'asking');
  await walker.goTo('/');
  await walker.page.locator('.rule-open').first().waitFor();
  await look(walker, 'home-asking');
  await reviews(walker, fromIcbc, '500');
  await fails(walker);
  await look(walker, 'fail-still-open');
  const third = sampleCard(zhou, { bankCode: 'ABC' });
  await bindFrom(walker, third);
  await sandbox.setBehaviour('ABC', { mode: 'maintenance' });
  await moves(walker, await topUpFrom(walker, third), '502');
  await fails(walker);
  await look(walker, 'fail-bank-maintenance');
  await sandbox.setBehaviour('ABC', { mode: 'normal' });
  await sandbox.setBehaviour('ICBC', { mode: 'normal' });
}
