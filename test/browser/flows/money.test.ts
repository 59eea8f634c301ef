import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Api, newPublicId } from '../../support/api.ts';
import { sampleCard, samplePerson } from '../../support/samples.ts';
import { goodPin, openVerified } from '../../support/wallet.ts';
import { bindFrom, setStage, type Stage } from './stage.ts';
import type { Walker } from './walker.ts';

let stage: Stage;
let walker: Walker;
const zhou = samplePerson('周明远');
const icbc = sampleCard(zhou, { bankCode: 'ICBC' });
const ccb = sampleCard(zhou, { bankCode: 'CCB' });

beforeAll(async () => {
  stage = await setStage();
  walker = await stage.openSignedIn(zhou);
  await bindFrom(walker, ccb);
  await bindFrom(walker, icbc);
}, 180_000);
afterAll(() => stage.close());
beforeEach(async () => {
  for (const bank of ['ICBC', 'CCB']) await stage.wallet.sandbox.setBehaviour(bank, { mode: 'normal' });
  await walker.context.setOffline(false);
});

const flows = () => walker.words.flows;
const lastOf = (card: { number: string }): string => card.number.slice(-4);

async function review(path: string, sum: string): Promise<void> {
  await walker.goTo(path);
  await walker.input.fill(sum);
  await walker.press(flows().amount.review);
}
async function topUp(sum: string): Promise<void> {
  await review('/top-up', sum);
  await walker.press(flows().confirm.enterPin);
  await walker.enterPin();
}
const balance = async (): Promise<string> => {
  const answer = await walker.page.request.get(`${stage.url}/v1/balance`);
  return ((await answer.json()) as { available: { minor: string } }).available.minor;
};
const operations = async (): Promise<{ kind: string; state: string; amount: { minor: string } | null }[]> => {
  const answer = await walker.page.request.get(`${stage.url}/v1/operations?limit=50`);
  return ((await answer.json()) as { operations: { kind: string; state: string; amount: { minor: string } | null }[] })
    .operations;
};

test('a third decimal is told at once; the keyboard types wherever the focus is', async () => {
  await walker.goTo('/top-up');
  await walker.press('1');
  await walker.page.keyboard.type('2.345');
  expect(await walker.complaint()).toBe(flows().common.tooManyDecimals);
  expect(await walker.input.inputValue()).toBe('12.34');
  await walker.isGood();
});

test('above the limit of the day the card offers what is left, and the button fills it in', async () => {
  await review('/top-up', '30000');
  const { title, money, buttons } = await walker.failure();
  expect(title).toBe('今天的额度不够了');
  expect(money).toBe(walker.words.ui.money.no);
  expect(buttons[0]).toMatch(/^改成 ¥/);
  await walker.isGood();
  await walker.press(buttons[0] ?? '');
  expect(await walker.input.inputValue()).toMatch(/^[0-9]+(\.[0-9]+)?$/);
  expect(Number(await walker.input.inputValue())).toBeLessThanOrEqual(20_000);
});

test('two obstacles are told together before anything is sent', async () => {
  await review('/top-up', '60000');
  await walker.page.locator('.pf li').nth(1).waitFor();
  await walker.isGood();
  expect(await walker.page.locator('.pf li').count()).toBe(2);
});

test('back from the review comes to the form with the sum still in it', async () => {
  await review('/top-up', '12.5');
  await walker.button(flows().confirm.enterPin).waitFor();
  await walker.page.goBack();
  expect(await walker.input.inputValue()).toBe('12.5');
});

test('a wrong PIN is told with the tries that are left, and the right one goes on', async () => {
  await review('/top-up', '200');
  await walker.press(flows().confirm.enterPin);
  await walker.enterPin('111222');
  expect(await walker.complaint()).toContain('4');
  await walker.isGood();
  await walker.enterPin();
  await walker.sees(walker.words.ui.receipt.done.top_up);
});

test('a card that its bank declines is a card with the other card on the button', async () => {
  await stage.wallet.sandbox.setBehaviour('ICBC', { mode: 'decline', code: 'CARD_EXPIRED', only: 'debits', times: 1 });
  const before = await balance();
  await topUp('7');
  const { title, buttons } = await walker.failure();
  expect(title).toBe('这张卡过期了');
  expect(buttons[0]).toContain(lastOf(ccb));
  await walker.isGood();
  expect(await balance()).toBe(before);
  await walker.press(buttons[0] ?? '');
  expect(await walker.input.inputValue()).toBe('7');
  await walker.page.getByText(lastOf(ccb)).first().waitFor();
});

test('a silent bank is asked about; a second try leads to the first, whose result then shows by itself', async () => {
  await stage.wallet.sandbox.setBehaviour('CCB', { mode: 'silent' });
  await walker.goTo('/top-up');
  await walker.press(new RegExp(flows().cards.change));
  await walker.press(new RegExp(lastOf(ccb)));
  await walker.input.fill('31');
  await walker.press(flows().amount.review);
  await walker.press(flows().confirm.enterPin);
  await walker.enterPin();
  await walker.page.locator('.ask').waitFor();
  await walker.isGood();
  const asking = walker.page.url();

  const second = await stage.openSignedIn(zhou);
  await second.goTo('/top-up');
  await second.press(new RegExp(flows().cards.change));
  await second.press(new RegExp(lastOf(ccb)));
  await second.input.fill('31');
  await second.press(flows().amount.review);
  const { title, buttons } = await second.failure();
  expect(title).toBe('上一笔还没有结果');
  await second.press(buttons[0] ?? '');
  await second.page.locator('.ask').waitFor();
  await second.context.close();

  expect(walker.page.url()).toBe(asking);
  await stage.wallet.sandbox.setBehaviour('CCB', { mode: 'normal' });
  await walker.press(flows().operation.askNow);
  await walker.sees(walker.words.ui.receipt.done.top_up);
  expect((await operations()).filter((one) => one.amount?.minor === '3100')).toHaveLength(1);
});

test('when the answer to the start is lost, the same id is asked again: there is one operation', async () => {
  let lost = 0;
  await walker.page.route('**/v1/operations', async (route) => {
    if (lost > 0 || route.request().method() !== 'POST') return route.fallback();
    lost += 1;
    await route.fetch();
    return route.abort('connectionreset');
  });
  await review('/top-up', '41');
  await walker.button(flows().confirm.enterPin).waitFor();
  await walker.page.unroute('**/v1/operations');
  expect(lost).toBe(1);
  expect((await operations()).filter((one) => one.amount?.minor === '4100')).toHaveLength(1);
});

test('when the answer to the PIN is lost, the operation is looked at and nothing is confirmed twice', async () => {
  await review('/top-up', '43');
  await walker.press(flows().confirm.enterPin);
  let lost = 0;
  await walker.page.route('**/steps/confirm', async (route) => {
    lost += 1;
    await route.fetch();
    return route.abort('connectionreset');
  });
  await walker.enterPin();
  await walker.sees(walker.words.ui.receipt.done.top_up);
  await walker.page.unroute('**/steps/confirm');
  expect(lost).toBe(1);
  expect((await operations()).filter((one) => one.amount?.minor === '4300')).toMatchObject([{ state: 'succeeded' }]);
});

test('without a network nothing that moves money is begun or kept for later', async () => {
  await walker.goTo('/top-up');
  await walker.input.fill('47');
  await walker.context.setOffline(true);
  await walker.sees(flows().common.offlineButton);
  await walker.isAccessible();
  await walker.context.setOffline(false);
  await walker.button(flows().amount.review).waitFor();
  expect((await operations()).some((one) => one.amount?.minor === '4700')).toBe(false);
});

test('pressing review twice begins one operation', async () => {
  await walker.goTo('/top-up');
  await walker.input.fill('53');
  await walker.button(flows().amount.review).dblclick();
  await walker.button(flows().confirm.enterPin).waitFor();
  expect((await operations()).filter((one) => one.amount?.minor === '5300')).toHaveLength(1);
});

test('a payment above the balance begins a top-up of what is missing and comes back to the order', async () => {
  const merchant = new Api(stage.wallet.url, stage.wallet.shopKey);
  const needed = BigInt(await balance()) + 5_000n;
  const order = await merchant.post<{ id: string }>('/v1/merchant/orders', {
    id: newPublicId('ord'),
    amount: { minor: needed.toString(), currency: 'CNY' },
    description: '史记',
  });
  await walker.goTo(`/pay/${order.id}`);
  await walker.press(flows().amount.review);
  const { title, buttons } = await walker.failure();
  expect(title).toBe('余额不够');
  await walker.press(buttons[0] ?? '');
  expect(await walker.input.inputValue()).toBe('50');
  await walker.press(flows().amount.review);
  await walker.press(flows().confirm.enterPin);
  await walker.enterPin();
  await walker.press(flows().common.goOn);
  await walker.sees('史记');
  await walker.press(flows().amount.review);
  await walker.press(flows().confirm.enterPin);
  await walker.enterPin();
  await walker.sees(walker.words.ui.receipt.done.pay);
  await walker.goTo(`/pay/${order.id}`);
  await walker.sees(flows().pay.state.paid);
  await walker.isGood();
});

test('what is not a code of ours is told, and an order of nobody too', async () => {
  await walker.goTo('/scan');
  await walker.button(flows().scan.paste).waitFor();
  await walker.isGood();
  await walker.press(flows().scan.paste);
  await walker.field(flows().scan.pasteLabel).fill('https://example.com/');
  await walker.press(flows().scan.open);
  expect((await walker.failure()).title).toBe('认不出这个二维码');
  await walker.isGood();
  await walker.goTo(`/pay/${newPublicId('ord')}`);
  expect((await walker.failure()).buttons[0]).toBe('重新扫码');
});

test('sending to oneself and to nobody is told beneath the number', async () => {
  await walker.goTo('/send');
  await walker.input.fill(zhou.phone.replace('+86', ''));
  await walker.press(flows().send.find);
  expect(await walker.complaint()).toContain('不能付给自己');
  await walker.input.fill('13900000000');
  await walker.press(flows().send.find);
  await walker.page.getByText(/没有这个收款方/).waitFor();
  await walker.isGood();
});

test('the PIN locked by wrong ones is a card that says until when', async () => {
  const wang = samplePerson('王秀兰');
  await openVerified(stage.wallet, wang);
  const guesser = await stage.openSignedIn(wang);
  await bindFrom(guesser, sampleCard(wang));
  await guesser.goTo('/top-up');
  await guesser.input.fill('5');
  await guesser.press(flows().amount.review);
  await guesser.press(flows().confirm.enterPin);
  for (let left = 4; left > 0; left -= 1) {
    await guesser.enterPin('111222');
    await guesser.page.getByText(new RegExp(`${left} 次`)).waitFor();
  }
  await guesser.enterPin('111222');
  const { title, buttons } = await guesser.failure();
  expect(title).toBe('支付密码暂时锁住了');
  expect(buttons[0]).toBe('重设支付密码');
  expect(buttons[1]).toMatch(/^等到 \d/);
  await guesser.isGood();
  await guesser.context.close();
});

test('changing the PIN takes the present one', async () => {
  const next = '384951';
  await walker.goTo('/pin');
  await walker.sees(flows().pin.currentHeadline);
  await walker.enterPin('111222');
  await walker.sees(flows().pin.newHeadline);
  await walker.enterPin(next);
  await walker.sees(flows().pin.againHeadline);
  await walker.enterPin(next);
  expect(await walker.complaint()).toContain('支付密码不对');
  for (const pin of [goodPin, next, next]) {
    await walker.enterPin(pin);
    await walker.page.waitForTimeout(150);
  }
  await walker.sees(flows().pin.changedTitle);
  await walker.isGood();
});

test('nothing was complained of by the pages themselves', () => expect(walker.faults).toEqual([]));
