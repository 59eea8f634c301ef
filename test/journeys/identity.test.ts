import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { undeliverablePhone } from '../../sandbox/samples.ts';
import type { Me } from '../../src/contract/wallet.ts';
import { Api, newPublicId } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, samplePerson, wen } from '../support/samples.ts';
import {
  asOwner,
  expectFailure,
  expectNothingChanged,
  expectRefused,
  expectRefusedStart,
  letTimePass,
  type Told,
  closeRight,
} from '../support/told.ts';
import { lastCode, openVerified, openWallet, startWallet, type TestWallet } from '../support/wallet.ts';

/** Who somebody is, by the phone's code and by the registers: each no with its own cause. */

let wallet: TestWallet;
beforeAll(async () => {
  wallet = await startWallet();
});
afterAll(() => closeRight(wallet));

const you = (code: Told['code'], field?: string): Told => ({
  ...{ code, side: 'you', retry: 'after_fix' },
  ...(field === undefined ? {} : { field }),
});

async function visit(): Promise<Api> {
  const api = new Api(wallet.url);
  api.token = (await api.post<{ token: string }>('/v1/visits')).token;
  return api;
}

describe('the registers', () => {
  async function expectNot(api: Api, entry: { name: string; idNumber: string }, told: Told): Promise<void> {
    let id = '';
    await expectNothingChanged(wallet, async () => {
      id = (await api.start('verify_identity', { name: entry.name, idNumber: entry.idNumber })).id;
      await api.settled(id);
    });
    expect(await expectFailure(api, id, told)).toMatchObject({ state: 'failed', result: null });
    expect(await api.get<Me>('/v1/me')).toMatchObject({ identityVerified: false });
  }

  test('have another name for this number; five times, and then no more for today', async () => {
    const entry = samplePerson('吴昊');
    const api = await openWallet(wallet, entry.phone);
    for (const left of [4, 3, 2, 1]) {
      await expectNot(api, entry, { ...you(reproduces('identity.name_id_mismatch'), 'id_number'), says: `${left} 次` });
    }
    await expectNot(api, entry, you(reproduces('identity.name_id_mismatch')));
    const told: Told = { code: reproduces('limit.tries'), side: 'security', retry: 'later' };
    const { name, idNumber } = entry;
    expect((await expectRefusedStart(api, 'verify_identity', { name, idNumber }, told)).retryAt).not.toBeNull();
  });
  test('do not know the number', async () => {
    const entry = samplePerson('何文静');
    const told: Told = { code: reproduces('identity.record_not_found'), side: 'third_party', retry: 'other_method' };
    await expectNot(await openWallet(wallet, entry.phone), entry, told);
  });
  test('are not even asked about a child', async () => {
    const { name, idNumber, phone } = samplePerson('郑小宇');
    const api = await openWallet(wallet, phone);
    const told: Told = { code: reproduces('policy.underage'), side: 'policy', retry: 'no', says: '16' };
    await expectRefusedStart(api, 'verify_identity', { name, idNumber }, told);
  });
  test('cannot be reached: it is tried for a minute, and then told', async () => {
    const { name, idNumber, phone } = wen;
    const api = await openWallet(wallet, phone);
    await wallet.sandbox.setBehaviour('registry', { mode: 'down' });
    const { id, state } = await api.start('verify_identity', { name, idNumber });
    expect(state).toBe('working');
    await letTimePass(wallet, id, 2);
    const told: Told = { code: reproduces('third_party.service_unavailable'), side: 'third_party', retry: 'later' };
    expect(await api.settled(id)).toMatchObject({ state: 'failed' });
    await expectFailure(api, id, told);
    await wallet.sandbox.setBehaviour('registry', { mode: 'normal' });
    const again = await api.start('verify_identity', { name, idNumber });
    expect(await api.settled(again.id)).toMatchObject({ state: 'succeeded', failure: null });
  });
  test('that fall silent for a moment are asked again', async () => {
    const { name, idNumber, phone } = samplePerson('赵敏');
    const api = await openWallet(wallet, phone);
    await wallet.sandbox.setBehaviour('registry', { mode: 'lose_answer', times: 1 });
    const { id } = await api.start('verify_identity', { name, idNumber });
    expect(await api.settled(id)).toMatchObject({ state: 'succeeded' });
  });
});

describe('one person', () => {
  const told: Told = { code: reproduces('account.already_open'), side: 'account', retry: 'no' };
  test('has one wallet, whatever other phone they come with', async () => {
    await openVerified(wallet, ming);
    const second = await openWallet(wallet, '+8613911117771');
    const { id } = await second.start('verify_identity', { name: ming.name, idNumber: ming.idNumber });
    expect(await second.settled(id)).toMatchObject({ state: 'failed' });
    await expectFailure(second, id, told);
  });
  test('has one wallet, also when two are proven in the same moment', async () => {
    const { name, idNumber } = samplePerson('陈志强');
    const both = await Promise.all(['+8613911117772', '+8613911117773'].map((phone) => openWallet(wallet, phone)));
    const ends = await Promise.all(
      both.map(async (api) => api.settled((await api.start('verify_identity', { name, idNumber })).id)),
    );
    expect(ends.map(({ state }) => state).toSorted()).toEqual(['failed', 'succeeded']);
    const loser = ends.find(({ state }) => state === 'failed');
    expect(loser?.failure?.code).toBe(reproduces('account.already_open'));
  });
});

describe('the phone’s code', () => {
  const enter = (id: string, code: string) => (api: Api) =>
    api.refused('POST', `/v1/operations/${id}/steps/code`, { code });
  const wrongOne = (right: string) => String((Number(right) + 1) % 1_000_000).padStart(6, '0');
  async function begin(phone: string) {
    const api = await visit();
    const { id } = await api.start('open_wallet', { phone, language: 'zh-CN' });
    await api.settled(id);
    return { api, id, code: await lastCode(wallet.sandbox, phone) };
  }
  const sql = (text: string) => asOwner(wallet, (client) => client.query(text));

  test('cannot be delivered', async () => {
    const api = await visit();
    const { id } = await api.start('open_wallet', { phone: undeliverablePhone, language: 'zh-CN' });
    expect(await api.settled(id)).toMatchObject({ state: 'failed' });
    await expectFailure(api, id, you(reproduces('contact.undeliverable')));
  });
  test('does not leave, since the operator is down', async () => {
    await wallet.sandbox.setBehaviour('sms', { mode: 'down' });
    const api = await visit();
    const { id } = await api.start('open_wallet', { phone: '+8613911118881', language: 'zh-CN' });
    expect(await api.settled(id)).toMatchObject({ state: 'failed' });
    const told: Told = { code: reproduces('third_party.message_channel_down'), side: 'third_party', retry: 'later' };
    await expectFailure(api, id, told);
    await wallet.sandbox.setBehaviour('sms', { mode: 'normal' });
  });
  test('is wrong five times and locks; neither the right one nor a new one opens it before its time', async () => {
    const phone = '+8613911118882';
    const { api, id, code } = await begin(phone);
    for (const left of [4, 3, 2, 1]) {
      expect(await enter(id, wrongOne(code))(api)).toMatchObject({ code: reproduces('otp.wrong'), params: { left } });
    }
    const locked: Told = { code: reproduces('otp.locked'), side: 'security', retry: 'later', field: 'otp' };
    await expectRefused(api, enter(id, wrongOne(code)), locked);
    await expectRefused(api, enter(id, code), locked);
    await sql(`update one_time_code set sent_at = sent_at - interval '2 minutes'`);
    await expectRefused(api, (by) => by.refused('POST', `/v1/operations/${id}/resend-code`, {}), locked);
    const second = await visit();
    const other = await second.start('open_wallet', { phone, language: 'zh-CN' });
    expect((await second.settled(other.id)).failure?.code).toBe(reproduces('otp.locked'));
    await sql(`update attempt_counter set locked_until = now()`);
    await api.post(`/v1/operations/${id}/resend-code`);
    await api.step(id, 'code', { code: await lastCode(wallet.sandbox, phone) });
    expect(await api.settled(id)).toMatchObject({ state: 'succeeded' });
  });
  test('has run out', async () => {
    const { api, id, code } = await begin('+8613911118883');
    await sql(
      `update one_time_code set expires_at = expires_at - interval '6 minutes', sent_at = sent_at - interval '6 minutes'`,
    );
    await expectRefused(api, enter(id, code), you(reproduces('otp.expired'), 'otp'));
  });
  test('was used already', async () => {
    const { api, id, code } = await begin('+8613911118884');
    await sql(`update one_time_code set used_at = now()`);
    await expectRefused(api, enter(id, code), you(reproduces('otp.used'), 'otp'));
    await api.post(`/v1/operations/${id}/resend-code`);
    await api.step(id, 'code', { code: await lastCode(wallet.sandbox, '+8613911118884') });
    expect(await api.settled(id)).toMatchObject({ state: 'succeeded' });
  });
  test('of another operation is of no use, and asking again at once is too fast', async () => {
    const phone = '+8613911118885';
    const first = await begin(phone);
    const second = await begin(phone);
    if (first.code !== second.code) {
      expect(await enter(second.id, first.code)(second.api)).toMatchObject({ code: reproduces('otp.wrong') });
    }
    const tooFast: Told = { code: reproduces('limit.too_fast'), side: 'security', retry: 'later' };
    await expectRefused(second.api, (by) => by.refused('POST', `/v1/operations/${second.id}/resend-code`, {}), tooFast);
  });
  test('was never entered', async () => {
    const { api, id } = await begin('+8613911118886');
    await letTimePass(wallet, id, 31);
    await expectRefused(api, enter(id, '123456'), you(reproduces('operation.expired')));
  });
});

test('a session that has ended, or none, is told to sign in again', async () => {
  const api = await openWallet(wallet, '+8613911119991');
  const told: Told = { code: reproduces('security.session_expired'), side: 'security', retry: 'after_fix' };
  await expectRefused(new Api(wallet.url), (by) => by.refused('GET', '/v1/me'), told);
  await expectRefused(await visit(), (by) => by.refusedStart('pay', { orderId: newPublicId('ord') }), told);
  await asOwner(wallet, (client) => client.query(`update session set idle_until = now() where person_id is not null`));
  await expectRefused(api, (by) => by.refused('GET', '/v1/balance'), told);
});
