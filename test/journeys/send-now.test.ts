import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OperationOf } from '../../src/contract/operations.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import { findPersonByPhone } from '../../src/features/people/person.ts';
import { pausePayments } from '../../src/features/people/pause-payments.ts';
import { createSendNow } from '../../src/features/transfers/send-now.ts';
import { addMs, dayMs, minuteMs, systemClock, type Clock } from '../../src/kernel/clock.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import { phone, pin } from '../../src/kernel/masked.ts';
import { createInstants } from '../../src/operations/instant.ts';
import { setAccountState } from '../support/people.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, mingsCard, wen } from '../support/samples.ts';
import { testClock } from '../support/test-clock.ts';
import { asOwner } from '../support/told.ts';
import { bindCard, goodPin, move, openVerified, openWallet, startWallet, type TestWallet } from '../support/wallet.ts';

/** A transfer in one request and one commit, and what its owner allows without the payment PIN. */

type Transfer = OperationOf<'transfer'>;

let wallet: TestWallet;
let me: Api;
let her: Api;
let aheadMs = 0;
const clock: Clock = { now: () => addMs(testClock.now(), aheadMs), sleep: systemClock.sleep };

beforeAll(async () => {
  wallet = await startWallet({ clock });
  me = await openVerified(wallet, ming);
  her = await openVerified(wallet, wen);
  const cardId = await bindCard(wallet, me, mingsCard);
  await wallet.sandbox.setCard(mingsCard.number, { balance: '20000000' });
  await move(me, 'top_up', { cardId, amount: yuan('10000.00') });
});
afterAll(() => wallet.close());

let before: bigint;
const fen = async (api: Api) => BigInt((await api.get<Balance>('/v1/balance')).available.minor);
beforeEach(async () => {
  before = await fen(me);
});
const moved = async () => before - (await fen(me));

const ask = (amount: string, more: object = {}) => ({
  id: newPublicId('op'),
  payeePhone: wen.phone,
  amount: yuan(amount),
  note: 'lunch',
  pin: goodPin,
  ...more,
});
const send = async (body: object) => (await me.send(body)) as Transfer;
const refused = (body: object) => me.refused('POST', '/v1/transfers', body);

test('one request sends, records the operation with its event, and is in both histories', async () => {
  const [mine, theirs] = [await fen(me), await fen(her)];
  const body = ask('12.34');
  const sent = await send(body);
  expect(sent).toMatchObject({ state: 'succeeded', moneyMoved: 'yes', failure: null, amount: yuan('12.34') });
  expect(sent.result).toMatchObject({
    balanceBefore: { minor: String(mine) },
    balanceAfter: { minor: String(mine - 1234n) },
  });
  expect([await fen(me), await fen(her)]).toEqual([mine - 1234n, theirs + 1234n]);
  // What was answered is what is stored, to the letter.
  expect(await me.operation(body.id)).toEqual(sent);
  expect(sent.timeline.map(({ event }) => event)).toEqual(['booked']);
  const { transactions } = await her.get<{ transactions: { note: string; amount: object }[] }>('/v1/transactions');
  expect(transactions[0]).toMatchObject({ note: 'lunch', amount: yuan('12.34') });
  const detail = await me.get<object>(`/v1/transactions/${sent.result?.transactionId}`);
  expect(detail).toMatchObject({ operationId: body.id, reference: sent.reference });
});

test('the same id is the same transfer: again, at once, step by step, and never with other content', async () => {
  const body = ask('1.00');
  const sent = await send(body);
  expect(await send(body)).toEqual(sent);
  const { pin, ...input } = { ...body, id: undefined };
  expect(pin).toBe(goodPin);
  expect(await me.start('transfer', JSON.parse(JSON.stringify(input)), body.id)).toEqual(sent);
  expect(await refused({ ...body, amount: yuan('2.00') })).toMatchObject({ code: reproduces('operation.conflict') });
  expect(await moved()).toBe(100n);

  const twice = ask('1.00');
  const both = await Promise.all(Array.from({ length: 4 }, () => send(twice)));
  for (const each of both) expect(each).toEqual(both[0]);
  expect(await moved()).toBe(200n);

  // Of two with other content at once, one is made, and the other is told.
  const id = newPublicId('op');
  const answers = await Promise.all(
    ['3.00', '4.00'].map((amount) =>
      me.call<{ state?: string; code?: string }>('POST', '/v1/transfers', ask(amount, { id })),
    ),
  );
  expect(answers.map(({ body: { state, code } }) => state ?? code).toSorted()).toEqual([
    'operation.conflict',
    'succeeded',
  ]);
});

test('one that was begun step by step is confirmed by it, and both ways at once send once', async () => {
  const body = ask('5.00');
  const { id, pin: _pin, ...input } = body;
  const begun = await me.start('transfer', input, id);
  expect(begun.state).toBe('needs_you');
  expect(await send(body)).toMatchObject({ id, state: 'succeeded' });
  expect(await moved()).toBe(500n);
  for (let round = 0; round < 5; round += 1) {
    const each = ask('1.00');
    const { id: sameId, pin: _same, ...sameInput } = each;
    await Promise.all([me.start('transfer', sameInput, sameId), send(each)]);
    expect(await send(each)).toMatchObject({ state: 'succeeded' });
  }
  expect(await moved()).toBe(1000n);
  expect(wallet.said.filter((sentence) => !/ride with a movement|duplicate key/.test(sentence))).toEqual([]);
});

test('an equal transfer that is under way is waited for', async () => {
  const { id, pin, ...input } = ask('6.00');
  await me.start('transfer', input, id);
  // It stands still between the PIN and the books, as when a process dies there.
  const { kysely } = wallet.app.ground.database;
  const set = (step: string, state: string) =>
    sql`update operation set step = ${step}, state = ${state}, wake_at = now() + interval '1 hour'
      where id = ${fromPublicId('op', id)}`.execute(kysely);
  await set('posting', 'working');
  expect(await refused(ask('6.00'))).toMatchObject({ code: 'operation.in_progress', operation: id });
  expect(await send(ask('6.01'))).toMatchObject({ state: 'succeeded' });
  await set('confirm', 'needs_you');
  expect(await me.step(id, 'confirm', { pin })).toMatchObject({ state: 'succeeded' });
  expect(await send(ask('6.00'))).toMatchObject({ state: 'succeeded' });
  expect(await moved()).toBe(601n + 600n + 600n);
});

test('an equal transfer waits while the first is at the books, which then was made or never will be', async () => {
  const both = [ask('7.00'), ask('7.00')];
  const waited = await asOwner(wallet, async (client) => {
    await client.query('begin');
    await client.query('select * from ledger_head for update');
    const asked = both.map(async (body) => ({ body, told: await me.refused('POST', '/v1/transfers', body) }));
    const second = await Promise.race(asked);
    const first = both.find((body) => body !== second.body);
    expect(second.told).toMatchObject({ code: 'operation.in_progress', operation: first?.id });
    // Nobody could write in time.
    const cut = (await Promise.all(asked)).find(({ body }) => body === first);
    expect(cut?.told).toMatchObject({ code: 'wallet.overloaded', moneyMoved: 'no' });
    expect(await me.operation(first?.id ?? '')).toMatchObject({ state: 'needs_you', moneyMoved: 'no' });
    await client.query('commit');
    return [first, second.body];
  });
  for (const body of waited) expect(await send(body ?? {})).toMatchObject({ state: 'succeeded' });
  expect(await moved()).toBe(1400n);
});

test('a refusal says why, moves nothing, and leaves the id free', async () => {
  const { id } = ask('1.00');
  const no = async (body: object) => (await refused({ ...ask('1.00', { id }), ...body })).code;
  expect(await no({ payeePhone: '13911112222' })).toBe('third_party.payee_not_found');
  expect(await no({ payeePhone: '+8613911112222' })).toBe('third_party.payee_not_found');
  // Written as ours are stored, and no number.
  expect(await no({ payeePhone: '+8610000000000' })).toBe('contact.phone_invalid');
  expect(await no({ payeePhone: ming.phone })).toBe('input.payee_self');
  expect(await no({ amount: { minor: '0', currency: 'CNY' } })).toBe('input.amount_invalid');
  expect(await no({ amount: yuan('300000.00') })).toMatch(/^limit\./);
  expect(await no({ pin: '111222' })).toBe('security.pin_wrong');
  expect(await no({ pin: undefined })).toBe(reproduces('security.pin_required'));
  const poor = await her.refused('POST', '/v1/transfers', ask('900.00', { payeePhone: ming.phone }));
  expect(poor).toMatchObject({ code: 'account.insufficient_balance', moneyMoved: 'no' });
  expect(await moved()).toBe(0n);
  expect(await send(ask('1.00', { id }))).toMatchObject({ state: 'succeeded' });
});

test('a frozen payer or payee is told so, from the next request on', async () => {
  const { database, digest } = wallet.app.ground;
  const personOf = async (number: string) => {
    const found = await findPersonByPhone(database.kysely, digest, phone(number));
    if (!found) throw new Error('nobody');
    return found.id;
  };
  const stop = { state: 'frozen', cause: 'account.frozen_security', reviewAt: null } as const;
  for (const [who, code] of [
    [ming.phone, 'account.frozen_security'],
    [wen.phone, 'third_party.payee_cannot_receive'],
  ] as const) {
    const id = await personOf(who);
    await setAccountState(wallet.app.ground, id, stop);
    expect((await refused(ask('1.00'))).code).toBe(code);
    await setAccountState(wallet.app.ground, id, { state: 'normal' });
  }
  expect(await moved()).toBe(0n);
});

test('small sums go without the PIN only where their owner switched it on, up to a sum and a sum of a day', async () => {
  const without = (amount: string) => ask(amount, { pin: undefined });
  expect(await me.get('/v1/me/small-payments')).toEqual({
    upTo: null,
    most: yuan('200.00'),
    mostOfDay: yuan('1000.00'),
    leftOfDay: null,
  });
  const allow = (amount: string, pin = goodPin) => ({ upTo: yuan(amount), pin });
  expect((await me.refused('PUT', '/v1/me/small-payments', allow('200.01'))).code).toBe('limit.single');
  expect((await me.refused('PUT', '/v1/me/small-payments', allow('100.00', '111222'))).code).toBe('security.pin_wrong');
  expect((await refused(without('1.00'))).code).toBe('security.pin_required');
  expect(await me.call('PUT', '/v1/me/small-payments', allow('200.00'))).toMatchObject({ status: 200 });

  expect(await send(without('200.00'))).toMatchObject({ state: 'succeeded' });
  expect((await refused(without('200.01'))).code).toBe('security.pin_required');
  // 1,000 a day without the PIN; with it the day has more.
  for (let i = 0; i < 4; i += 1) await send(without('200.00'));
  expect((await refused(without('0.01'))).code).toBe('security.pin_required');
  expect(await send(ask('0.01'))).toMatchObject({ state: 'succeeded' });
  expect(await moved()).toBe(100_001n);

  // A new day; then a new PIN, with which it must be allowed anew.
  aheadMs += dayMs;
  expect(await send(without('1.00'))).toMatchObject({ state: 'succeeded' });
  await me.call('PUT', '/v1/me/payment-pin', { pin: '748361', currentPin: goodPin });
  expect((await refused(without('1.00'))).code).toBe('security.pin_required');
  expect((await me.get<{ upTo: unknown }>('/v1/me/small-payments')).upTo).toBeNull();
  await me.call('PUT', '/v1/me/small-payments', allow('50.00', '748361'));
  await send(without('1.00'));
  expect((await me.call('DELETE', '/v1/me/small-payments')).status).toBe(204);
  expect((await refused(without('1.00'))).code).toBe('security.pin_required');
});

test('whoever is nobody, signed out, or not verified sends nothing', async () => {
  const nobody = new Api(wallet.url);
  expect((await nobody.refused('POST', '/v1/transfers', ask('1.00'))).code).toBe('security.session_expired');
  const fresh = await openWallet(wallet, '+8613911113333');
  expect((await fresh.refused('POST', '/v1/transfers', ask('1.00'))).code).toBe('identity.verification_required');
  // Signed out, it is over with the next request, however many were answered a moment ago.
  const answers = await Promise.all(Array.from({ length: 5 }, () => fresh.call('GET', '/v1/balance')));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await fresh.call('DELETE', '/v1/sessions/current');
  expect((await fresh.refused('POST', '/v1/transfers', ask('1.00'))).code).toBe('security.session_expired');
});

test('a PIN that is reset between two looks brings its pause with it', async () => {
  const { ground, wallet: rooms } = wallet.app;
  const { database } = ground;
  const payer = await findPersonByPhone(database.kysely, ground.digest, phone(ming.phone));
  if (!payer) throw new Error('nobody');
  const from = clock.now();
  const sendNow = createSendNow({
    ...{ ...ground, limits: rooms.limits, fingerprint: rooms.fingerprint },
    instants: createInstants({ database }),
    confirm: () => Promise.reject(new Error('nothing is confirmed here')),
    security: {
      ...rooms.security,
      checkPin: () => database.transaction((tx) => pausePayments(tx, payer.id, { from, until: addMs(from, dayMs) })),
    },
  });
  const { id, pin: _pin, ...input } = ask('1000.01');
  const actor = { personId: payer.id, visitorId: payer.id, sessionId: payer.id, language: 'en', ip: '::1' } as const;
  const key = fromPublicId('op', id);
  if (!key) throw new Error('an id');
  await expect(sendNow({ actor, id: key, input, pin: pin('748361') })).rejects.toMatchObject({
    code: 'security.change_pause',
  });
  expect(await moved()).toBe(0n);
});

test('whoever begins the same operation in two ways at once, again and again, is asked to wait', async () => {
  let slowed = 0;
  for (let round = 0; round < 40 && slowed === 0; round += 1) {
    const { id, pin: entered, ...input } = ask('0.01', { pin: '748361' });
    const body = { id, pin: entered, ...input };
    const [, now] = await Promise.all([
      me.call('POST', '/v1/operations', { id, kind: 'transfer', input }),
      me.call('POST', '/v1/transfers', body),
    ]);
    if (now.body['code'] === 'limit.too_fast') slowed += 1;
    else await me.call('POST', `/v1/operations/${id}/cancel`);
  }
  expect(slowed).toBe(1);
  aheadMs += 11 * minuteMs;
  expect(await send(ask('0.01', { pin: '748361' }))).toMatchObject({ state: 'succeeded' });
});
