import { afterAll, beforeAll, expect, test } from 'vitest';
import { freezeOwn, unfreezeOwn } from '../../src/features/people/freeze-own.ts';
import { findPersonByPhone } from '../../src/features/people/person.ts';
import { accountId } from '../../src/features/books/chart.ts';
import { phone, pin } from '../../src/kernel/masked.ts';
import { setAccountState } from '../support/people.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, mingsCard, samplePerson, wen } from '../support/samples.ts';
import { asOwner, expectFailure } from '../support/told.ts';
import { until } from '../support/until.ts';
import { goodPin, lastCode, openVerified, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

const newPin = '830274';
const wrongPin = '385016';
let wallet: TestWallet;
let me: Api;
let her: Api;
let cardId: string;

beforeAll(async () => {
  wallet = await startWallet();
  ({ api: me, cardId } = await openFunded(wallet, '3000.00'));
  her = await openVerified(wallet, wen);
});
afterAll(() => wallet.close());

const identityOf = ({ name, idNumber }: { name: string; idNumber: string }) => ({ name, idNumber });

async function toCode(api: Api, person = ming) {
  const begun = await api.start('reset_pin', identityOf(person));
  const sent = await api.settled(begun.id);
  expect(sent).toMatchObject({ kind: 'reset_pin', state: 'needs_you', step: 'code', moneyMoved: 'no' });
  return sent;
}

/** A second device that has proven the phone and is asked for the PIN. */
async function signingIn(person: { phone: string }): Promise<{ device: Api; openingId: string }> {
  const device = new Api(wallet.url);
  device.token = (await device.post<{ token: string }>('/v1/visits')).token;
  const begun = await device.start('open_wallet', { phone: person.phone, language: 'zh-CN' });
  await device.settled(begun.id);
  const asked = await device.step(begun.id, 'code', { code: await lastCode(wallet.sandbox, person.phone) });
  expect(asked).toMatchObject({ state: 'needs_you', step: 'pin' });
  return { device, openingId: begun.id };
}

/** Locks the PIN by five wrong ones. */
async function lock(api: Api, payee: string): Promise<string> {
  const id = newPublicId('op');
  await api.start('transfer', { payeePhone: payee, amount: yuan('1.00') }, id);
  for (let i = 0; i < 5; i += 1) await api.refused('POST', `/v1/operations/${id}/steps/confirm`, { pin: wrongPin });
  return id;
}

test('a locked PIN is reset by name, ID number and code: the lock opens, the other devices are signed out', async () => {
  const other = await signingIn(ming);
  await other.device.step(other.openingId, 'pin', { pin: goodPin });
  await other.device.settled(other.openingId);
  other.device.token = (
    await other.device.post<{ token: string }>('/v1/sessions', { operationId: other.openingId })
  ).token;
  expect((await other.device.call('GET', '/v1/me')).status).toBe(200);

  const waiting = await lock(me, wen.phone);
  const locked = await me.refused('POST', `/v1/operations/${waiting}/steps/confirm`, { pin: goodPin });
  expect(locked.code).toBe(reproduces('security.pin_locked'));
  expect(locked.remedies[0]).toMatchObject({ action: 'change_password', target: 'payment_pin' });

  const { id } = await toCode(me);
  const atPin = await me.step(id, 'code', { code: await lastCode(wallet.sandbox, ming.phone) });
  expect(atPin).toMatchObject({ step: 'pin', state: 'needs_you' });
  // A weak one is refused as always, and the step stays.
  expect(await me.refused('POST', `/v1/operations/${id}/steps/pin`, { pin: '111111' })).toMatchObject({
    code: reproduces('input.secret_weak'),
    field: 'payment_pin',
  });
  const done = await me.step(id, 'pin', { pin: newPin });
  expect(done).toMatchObject({ state: 'succeeded', result: { pausedUntil: expect.any(String) } });

  expect(await me.get('/v1/me')).toMatchObject({ pinSet: true, pinLockedUntil: null });
  expect((await other.device.call('GET', '/v1/me')).status).toBe(401);
  await me.step(waiting, 'confirm', { pin: newPin });
  expect((await me.settled(waiting)).state).toBe('succeeded');
});

test('for a day after it only small sums leave the balance, and the pause says what still may', async () => {
  const { limits } = await me.get<{ limits: { limit: string; available: { minor: string } }[] }>('/v1/me/limits');
  expect(limits.find(({ limit }) => limit === 'balance_pause')?.available).toEqual(yuan('999.00'));
  const refused = await me.refusedStart('transfer', { payeePhone: wen.phone, amount: yuan('1000.00') });
  expect(refused).toMatchObject({
    code: reproduces('security.change_pause'),
    moneyMoved: 'no',
    retry: 'later',
    params: { available: 'CNY 999.00' },
  });
  await asOwner(wallet, (client) => client.query(`update person set paused_until = now() - interval '1 second'`));
  const later = await me.start('transfer', { payeePhone: wen.phone, amount: yuan('1.00') });
  expect(later.state).toBe('needs_you');
  await me.post(`/v1/operations/${later.id}/cancel`);
});

test('who is signing in on a new device and has forgotten the PIN resets it there and goes on', async () => {
  const { device, openingId } = await signingIn(ming);
  const { id } = await toCode(device);
  await device.step(id, 'code', { code: await lastCode(wallet.sandbox, ming.phone) });
  expect((await device.step(id, 'pin', { pin: '604918' })).state).toBe('succeeded');
  // Whoever held a session proves the new PIN first.
  expect((await me.call('GET', '/v1/me')).status).toBe(401);
  await device.step(openingId, 'pin', { pin: '604918' });
  await device.settled(openingId);
  device.token = (await device.post<{ token: string }>('/v1/sessions', { operationId: openingId })).token;
  expect((await device.call('GET', '/v1/me')).status).toBe(200);
  me = device;
});

let zhao: Api;

test('a reset that waits for its new PIN counts no more once the PIN was changed elsewhere, whichever way', async () => {
  const person = samplePerson('赵敏');
  const api = await openVerified(wallet, person);
  zhao = api;
  expect(await api.get('/v1/me')).toMatchObject({ pinReset: null });
  const sent = async (by: Api) => {
    const { id } = await toCode(by, person);
    return by.step(id, 'code', { code: await lastCode(wallet.sandbox, person.phone) });
  };
  const later = () =>
    asOwner(wallet, (client) => client.query(`update one_time_code set sent_at = sent_at - interval '1 hour'`));
  const stranger = await signingIn(person);
  const older = await sent(stranger.device);
  expect(older).toMatchObject({ step: 'pin' });
  await later();
  // The owner resets it on their own device; the PIN that was typed on the other is never in force.
  const mine = await sent(api);
  expect(await api.step(mine.id, 'pin', { pin: '830274' })).toMatchObject({ state: 'succeeded' });
  await stranger.device.step(older.id, 'pin', { pin: '604918' });
  await expectFailure(stranger.device, older.id, {
    ...{ code: reproduces('security.pin_changed_meanwhile'), side: 'security', retry: 'after_fix' },
  });
  await later();
  // The same when the owner changes it in the settings, with the PIN they know.
  const second = await signingIn(person);
  const another = await sent(second.device);
  await api.put('/v1/me/payment-pin', { pin: goodPin, currentPin: '830274' });
  await second.device.step(another.id, 'pin', { pin: '604918' });
  expect(await second.device.operation(another.id)).toMatchObject({ state: 'failed' });
  await second.device.step(second.openingId, 'pin', { pin: goodPin });
  expect((await second.device.settled(second.openingId)).state).toBe('succeeded');
});

test('one that waits for its new PIN since before an upgrade is over, and told so', async () => {
  const later = () =>
    asOwner(wallet, (client) => client.query(`update one_time_code set sent_at = sent_at - interval '1 hour'`));
  await later();
  const person = samplePerson('赵敏');
  const { id } = await toCode(zhao, person);
  await zhao.step(id, 'code', { code: await lastCode(wallet.sandbox, person.phone) });
  // As it was kept then.
  await asOwner(wallet, (client) =>
    client.query(`update operation set data = data - 'pinSetAt' where id = $1`, [fromPublicId('op', id)]),
  );
  expect(await zhao.step(id, 'pin', { pin: '604918' })).toMatchObject({
    ...{ state: 'expired', failure: { code: 'operation.expired' } },
  });
  const again = await zhao.refused('PUT', '/v1/me/payment-pin', { pin: '604918', currentPin: '604918' });
  expect(again).toMatchObject({ code: 'security.pin_wrong' });
});

test('its owner is told of it by text message, once, though the operator is down at first, and on their home page', async () => {
  const person = samplePerson('赵敏');
  const api = zhao;
  const told = async () => (await wallet.sandbox.messages(person.phone)).filter(({ text }) => /刚刚重设了/.test(text));
  await asOwner(wallet, (client) => client.query(`update one_time_code set sent_at = sent_at - interval '1 hour'`));
  await until(async () => (await told()).length === 1, 'the message of the reset before');
  const { id } = await toCode(api, person);
  await api.step(id, 'code', { code: await lastCode(wallet.sandbox, person.phone) });
  await wallet.sandbox.setBehaviour('sms', { mode: 'lose_answer', times: 1 });
  await api.step(id, 'pin', { pin: newPin });
  const due = () =>
    asOwner(wallet, (client) =>
      client.query(`update person_message set next_at = now() where next_at is not null and attempts > 0 returning id`),
    );
  await until(async () => (await told()).length === 2, 'a message');
  // Nobody heard that it was taken, so it is handed over again, as the same message.
  await until(async () => ((await due()).rowCount ?? 0) > 0, 'another try');
  const left = () =>
    asOwner(wallet, (client) => client.query('select 1 from person_message where next_at is not null'));
  await until(async () => (await left()).rowCount === 0, 'an end');
  expect(await told()).toHaveLength(2);
  expect((await told())[0]?.code).toBeNull();
  expect(await api.get('/v1/me')).toMatchObject({
    pinReset: { at: expect.any(String), pausedUntil: expect.any(String) },
  });
});

const leftOfPause = async () => {
  const { limits } = await me.get<{ limits: { limit: string; available: { minor: string } }[] }>('/v1/me/limits');
  return limits.find(({ limit }) => limit === 'balance_pause')?.available;
};

test('a pause that is made longer by another reset stays one pause, and its sum is there once', async () => {
  expect(await leftOfPause()).toEqual(yuan('1000.00'));
  const paid = { id: newPublicId('op'), payeePhone: wen.phone, amount: yuan('600.00'), pin: '604918' };
  expect(await me.post('/v1/transfers', paid)).toMatchObject({ state: 'succeeded' });
  const { id } = await toCode(me);
  await me.step(id, 'code', { code: await lastCode(wallet.sandbox, ming.phone) });
  expect((await me.step(id, 'pin', { pin: newPin })).state).toBe('succeeded');
  expect(await leftOfPause()).toEqual(yuan('400.00'));
});

test('in the pause money leaves for one’s own card only up to the same sum', async () => {
  expect(await me.refusedStart('withdraw', { cardId, amount: yuan('400.01') })).toMatchObject({
    code: 'security.change_pause',
    moneyMoved: 'no',
    params: { available: 'CNY 400.00' },
  });
  const withdraw = async (amount: string) => {
    const { id } = await me.start('withdraw', { cardId, amount: yuan(amount) });
    await me.step(id, 'confirm', { pin: newPin });
    return me.settled(id);
  };
  await wallet.sandbox.setCard(mingsCard.number, { state: 'RISK_REFUSED' });
  expect((await withdraw('300.00')).state).toBe('failed');
  await wallet.sandbox.setCard(mingsCard.number, { state: 'normal' });
  expect(await leftOfPause()).toEqual(yuan('400.00'));
  expect((await withdraw('300.00')).state).toBe('succeeded');
  expect(await leftOfPause()).toEqual(yuan('100.00'));
  // Two that were begun while there was enough for each: the second finds it used.
  const inputs = [
    { cardId, amount: yuan('100.00') },
    { payeePhone: wen.phone, amount: yuan('100.00') },
  ] as const;
  const [toCard, toHer] = [await me.start('withdraw', inputs[0]), await me.start('transfer', inputs[1])];
  await me.step(toHer.id, 'confirm', { pin: newPin });
  expect((await me.settled(toHer.id)).state).toBe('succeeded');
  await me.step(toCard.id, 'confirm', { pin: newPin });
  expect(await me.settled(toCard.id)).toMatchObject({ state: 'failed', failure: { code: 'security.change_pause' } });
});

test('without a session and without a proven phone there is nothing to reset', async () => {
  const visitor = new Api(wallet.url);
  visitor.token = (await visitor.post<{ token: string }>('/v1/visits')).token;
  const input = identityOf(ming);
  expect(await visitor.refusedStart('reset_pin', input)).toMatchObject({
    status: 401,
    code: reproduces('security.session_expired'),
  });
  expect(await visitor.post('/v1/preflight', { kind: 'reset_pin', input })).toMatchObject({
    problems: [{ code: 'security.session_expired' }],
  });
  // A phone that was given but not proven is not enough.
  const begun = await visitor.start('open_wallet', { phone: ming.phone, language: 'zh-CN' });
  await visitor.settled(begun.id);
  expect(await visitor.refusedStart('reset_pin', input)).toMatchObject({ code: 'security.session_expired' });
});

test('wrong names and numbers send no code, are counted, and end in a lock; new operations do not reset the count', async () => {
  const before = (await wallet.sandbox.messages(wen.phone)).length;
  const stranger = samplePerson('周明远');
  const lefts: unknown[] = [];
  for (let i = 0; i < 5; i += 1) {
    const begun = await her.start('reset_pin', identityOf(i % 2 === 0 ? stranger : { ...wen, name: '林晓' }));
    const failed = await her.settled(begun.id);
    expect(failed.failure?.code).toBe(reproduces('identity.name_id_mismatch'));
    expect(failed.details).toEqual({ code: null });
    lefts.push(failed.failure?.params['left']);
    if (i === 0) {
      await expectFailure(her, begun.id, {
        code: 'identity.name_id_mismatch',
        side: 'you',
        retry: 'after_fix',
        moneyMoved: 'no',
      });
    }
  }
  expect(lefts).toEqual([4, 3, 2, 1, undefined]);
  const locked = await her.refusedStart('reset_pin', identityOf(wen));
  expect(locked).toMatchObject({ code: reproduces('limit.tries'), retry: 'later', moneyMoved: 'no' });
  expect(Date.parse(locked.retryAt ?? '')).toBeGreaterThan(wallet.app.ground.clock.now().getTime());
  expect(await wallet.sandbox.messages(wen.phone)).toHaveLength(before);
});

test('a wrong code is counted over all resets of this phone, whatever new codes are sent', async () => {
  const yu = samplePerson('陈志强');
  const api = await openVerified(wallet, yu);
  const first = await toCode(api, yu);
  for (const left of [4, 3]) {
    expect(await api.refused('POST', `/v1/operations/${first.id}/steps/code`, { code: '000000' })).toMatchObject({
      code: reproduces('otp.wrong'),
      params: { left },
    });
  }
  await api.post(`/v1/operations/${first.id}/cancel`);
  const second = await toCode(api, yu);
  for (let i = 0; i < 3; i += 1) {
    await api.refused('POST', `/v1/operations/${second.id}/steps/code`, { code: '000000' });
  }
  expect(
    await api.refused('POST', `/v1/operations/${second.id}/steps/code`, {
      code: await lastCode(wallet.sandbox, yu.phone),
    }),
  ).toMatchObject({ code: reproduces('otp.locked') });
  expect((await api.call('PUT', '/v1/me/payment-pin', { pin: newPin, currentPin: goodPin })).status).toBe(204);
});

test('the same reset asked for again is the same one, and the new PIN is written once', async () => {
  const li = samplePerson('李思远');
  const api = await openVerified(wallet, li);
  const id = newPublicId('op');
  const input = identityOf(li);
  await Promise.all([api.start('reset_pin', input, id), api.start('reset_pin', input, id)]);
  await api.settled(id);
  const code = await lastCode(wallet.sandbox, li.phone);
  const answers = await Promise.all([1, 2].map(() => api.call('POST', `/v1/operations/${id}/steps/code`, { code })));
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  const set = await Promise.all(
    [newPin, '604918'].map((pin) => api.call('POST', `/v1/operations/${id}/steps/pin`, { pin })),
  );
  expect(set.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
  const works = await Promise.all(
    [newPin, '604918'].map((pin) => api.call('PUT', '/v1/me/payment-pin', { pin: goodPin, currentPin: pin })),
  );
  expect(works.filter(({ status }) => status === 204)).toHaveLength(1);
});

test('one freezes one’s own account at once, nobody can send to it, and lifts it with name, ID number and PIN', async () => {
  const yu = samplePerson('陈志强');
  const api = await openVerified(wallet, samplePerson('王秀兰'));
  const owner = samplePerson('王秀兰');
  expect((await api.call('POST', '/v1/me/freeze')).status).toBe(204);
  expect((await api.call('POST', '/v1/me/freeze')).status).toBe(204);
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'frozen', accountCause: 'account.frozen_by_you' });
  const refused = await api.refusedStart('transfer', { payeePhone: yu.phone, amount: yuan('1.00') });
  expect(refused).toMatchObject({ code: reproduces('account.frozen_by_you'), moneyMoved: 'no', retry: 'after_fix' });
  expect(refused.remedies[0]).toMatchObject({ action: 'unfreeze_account' });
  expect(await me.refusedStart('transfer', { payeePhone: owner.phone, amount: yuan('1.00') })).toMatchObject({
    code: reproduces('third_party.payee_cannot_receive'),
  });
  const lift = (body: object) => api.call('POST', '/v1/me/unfreeze', body);
  const proof = identityOf(owner);
  expect((await lift({ ...proof, pin: wrongPin })).body).toMatchObject({ code: reproduces('security.pin_wrong') });
  expect((await lift({ ...identityOf(ming), pin: goodPin })).body).toMatchObject({ code: 'identity.name_id_mismatch' });
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'frozen' });
  expect((await lift({ ...proof, pin: goodPin })).status).toBe(204);
  expect((await lift({ ...proof, pin: goodPin })).status).toBe(204);
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'normal', accountCause: null });
});

test('an account that is closed, or stopped again, while its owner lifts a freeze stays so in the books', async () => {
  const owner = samplePerson('李思远');
  const { ground, wallet: rooms } = wallet.app;
  const found = await findPersonByPhone(ground.database.kysely, ground.digest, phone(owner.phone));
  if (!found) throw new Error('opened before');
  const { id } = found;
  const account = accountId(found.balanceAccount);
  const proof = { ...identityOf(owner), pin: pin(goodPin) };
  const during = (work: () => Promise<void>) => ({ ...ground, security: { ...rooms.security, checkPin: work } });
  await freezeOwn(
    during(async () => undefined),
    { personId: id, sessionId: id },
  );
  const close = () => setAccountState(ground, id, { state: 'closed', cause: 'account.closed', reviewAt: null });
  await expect(unfreezeOwn(during(close), id, proof)).rejects.toMatchObject({ code: 'account.closed' });
  expect(await ground.ledger.account(account)).toMatchObject({ frozen: true, closed: true });
});
