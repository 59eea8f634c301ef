import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import type { Problem } from '../../src/contract/problem.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import { addMs, dayMs, systemClock, type Clock } from '../../src/kernel/clock.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { wen } from '../support/samples.ts';
import { testClock } from '../support/test-clock.ts';
import { asOwner, closeRight } from '../support/told.ts';
import { goodPin, openFunded, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/** A shop's orders that are paid without the PIN share one sum of the day with what is sent without it. */

let wallet: TestWallet;
let me: Api;
let shop: Api;
let aheadMs = 0;
const clock: Clock = { now: () => addMs(testClock.now(), aheadMs), sleep: systemClock.sleep };

beforeAll(async () => {
  wallet = await startWallet({ clock });
  ({ api: me } = await openFunded(wallet, '8000.00'));
  await openVerified(wallet, wen);
  shop = new Api(wallet.url, wallet.shopKey);
  await allow('200.00');
});
afterAll(() => closeRight(wallet));

let before: bigint;
const fen = async () => BigInt((await me.get<Balance>('/v1/balance')).available.minor);
const spent = async () => before - (await fen());
beforeEach(async () => {
  // Each test has a day of its own.
  aheadMs += dayMs;
  before = await fen();
});

const allow = (amount: string) => me.put('/v1/me/small-payments', { upTo: yuan(amount), pin: goodPin });
const leftOfDay = async () => (await me.get<{ leftOfDay: unknown }>('/v1/me/small-payments')).leftOfDay;
const sendSmall = (amount: string) =>
  me.call<OperationShape & Problem>('POST', '/v1/transfers', {
    ...{ id: newPublicId('op'), payeePhone: wen.phone, amount: yuan(amount) },
  });

/** A payment that waits to be confirmed. */
async function begin(amount: string): Promise<{ id: string; orderId: string }> {
  const orderId = newPublicId('ord');
  await shop.post('/v1/merchant/orders', { id: orderId, amount: yuan(amount), description: '《围城》' });
  const { id, state } = await me.start('pay', { orderId });
  expect(state).toBe('needs_you');
  return { id, orderId };
}
const confirm = (id: string, input: object = {}) =>
  me.call<OperationShape & Problem>('POST', `/v1/operations/${id}/steps/confirm`, input);
/** Confirmed without the PIN, and what came of it. */
async function payWithoutPin(id: string): Promise<OperationShape | Problem> {
  const { status, body } = await confirm(id);
  return status === 200 ? me.settled(id) : body;
}

test('an order within the sum is paid without the PIN, and counts on the day that sending counts on', async () => {
  const { id, orderId } = await begin('150.00');
  expect(await payWithoutPin(id)).toMatchObject({ state: 'succeeded', moneyMoved: 'yes' });
  expect((await shop.get<{ state: string }>(`/v1/merchant/orders/${orderId}`)).state).toBe('paid');
  expect(await leftOfDay()).toEqual(yuan('850.00'));
  expect((await sendSmall('50.00')).status).toBe(200);
  expect(await leftOfDay()).toEqual(yuan('800.00'));
  expect(await spent()).toBe(20_000n);
});

test('more than was chosen, or with the choice taken back, it stays at its step until the PIN comes', async () => {
  const { id } = await begin('200.01');
  expect((await confirm(id)).body).toMatchObject({ code: 'security.pin_required', moneyMoved: 'no' });
  expect(await me.operation(id)).toMatchObject({ state: 'needs_you', step: 'confirm' });
  const { id: small } = await begin('10.00');
  await me.call('DELETE', '/v1/me/small-payments');
  expect((await confirm(small)).body).toMatchObject({ code: 'security.pin_required' });
  await allow('200.00');
  expect(await spent()).toBe(0n);
  for (const each of [id, small]) {
    await confirm(each, { pin: goodPin });
    expect(await me.settled(each)).toMatchObject({ state: 'succeeded' });
  }
  // With the PIN nothing of the sum without it is used.
  expect(await leftOfDay()).toEqual(yuan('1000.00'));
});

test('what was sent leaves less to be paid, to the fen', async () => {
  for (let i = 0; i < 4; i += 1) expect((await sendSmall('200.00')).status).toBe(200);
  expect((await sendSmall('100.01')).status).toBe(200);
  const { id } = await begin('100.00');
  expect(await payWithoutPin(id)).toMatchObject({ code: 'security.pin_required' });
  const { id: fits } = await begin('99.99');
  expect(await payWithoutPin(fits)).toMatchObject({ state: 'succeeded' });
  expect(await leftOfDay()).toEqual(yuan('0.00'));
  expect((await sendSmall('0.01')).body).toMatchObject({ code: 'security.pin_required' });
  await confirm(id, { pin: goodPin });
  expect(await me.settled(id)).toMatchObject({ state: 'succeeded' });
});

test('many at the same moment, paid and sent, never have more than the sum of the day', async () => {
  const begun = await Promise.all(Array.from({ length: 8 }, () => begin('130.00')));
  // An equal transfer at the same moment would be refused, so each has its own sum.
  const sums = Array.from({ length: 8 }, (_, i) => `130.0${i}`);
  const [paid, sent] = await Promise.all([
    Promise.all(begun.map(({ id }) => payWithoutPin(id))),
    Promise.all(sums.map(sendSmall)),
  ]);
  const left = [
    ...paid.map((each) => ('state' in each && each.state === 'succeeded' ? 13_000n : 0n)),
    ...sent.map(({ status, body }) => (status === 200 ? BigInt(body.amount?.minor ?? 0) : 0n)),
  ].filter((minor) => minor > 0n);
  // Seven are 910 yuan and some fen; an eighth would be more than 1,000.
  expect(left).toHaveLength(7);
  const sum = left.reduce((all, minor) => all + minor, 0n);
  expect(await spent()).toBe(sum);
  expect(await leftOfDay()).toEqual({ minor: String(100_000n - sum), currency: 'CNY' });
  // Whoever came too late is asked for the PIN, nothing has failed, and with it each is paid.
  for (const { id } of begun) {
    const { state } = await me.operation(id);
    if (state === 'succeeded') continue;
    expect(state).toBe('needs_you');
    await confirm(id, { pin: goodPin });
    expect(await me.settled(id)).toMatchObject({ state: 'succeeded' });
  }
  const { rows } = await asOwner(wallet, (client) => client.query(`select 1 from merchant_order where state = 'paid'`));
  expect(rows.length).toBeGreaterThanOrEqual(begun.length);
});

test('let go, and too late at the books: the PIN is asked for after all, and nothing has moved', async () => {
  const { id } = await begin('150.00');
  for (let i = 0; i < 5; i += 1) expect((await sendSmall('180.00')).status).toBe(200);
  // As if the sum of the day had been there a moment ago, when this one was let go.
  await asOwner(wallet, (client) =>
    client.query(
      `update operation set step = 'posting', state = 'working', wake_at = now() - interval '1 second',
        data = data || '{"withoutPin": true}' where id = $1`,
      [fromPublicId('op', id)],
    ),
  );
  const asked = await me.settled(id);
  expect(asked).toMatchObject({ state: 'needs_you', step: 'confirm', moneyMoved: 'no', failure: null });
  expect(asked.timeline.at(-1)).toMatchObject({ event: 'pin_needed' });
  expect(await spent()).toBe(90_000n);
  await confirm(id, { pin: goodPin });
  expect(await me.settled(id)).toMatchObject({ state: 'succeeded' });
  expect(await spent()).toBe(105_000n);
  expect(await leftOfDay()).toEqual(yuan('100.00'));
});
