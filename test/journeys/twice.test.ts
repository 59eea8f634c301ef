import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationShape } from '../../src/contract/operations.ts';
import type { Problem } from '../../src/contract/problem.ts';
import type { Balance } from '../../src/contract/wallet.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, sampleCard, wen } from '../support/samples.ts';
import { asOwner, expectRefused, type Told, closeRight } from '../support/told.ts';
import { goodPin, lastCode, openVerified, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

/** The same thing asked for twice: by one device that lost the answer, and by two devices in the same moment. */

let wallet: TestWallet;
let me: Api;
let cardId: string;
beforeAll(async () => {
  wallet = await startWallet();
  ({ api: me, cardId } = await openFunded(wallet, '300.00'));
  await openVerified(wallet, wen);
});
afterAll(() => closeRight(wallet));

const start = (kind: string, input: unknown, id = newPublicId('op')) =>
  me.call<OperationShape & Problem>('POST', '/v1/operations', { id, kind, input });
const times = <T>(n: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => work(i)));
const balance = async () => BigInt((await me.get<Balance>('/v1/balance')).available.minor);
const confirm = (id: string) =>
  me.call<OperationShape & Problem>('POST', `/v1/operations/${id}/steps/confirm`, { pin: goodPin });

describe('the same id', () => {
  test('with the same content, eight times at once, is one operation', async () => {
    const id = newPublicId('op');
    const answers = await times(8, () => start('top_up', { cardId, amount: yuan('5.00') }, id));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const before = await balance();
    const confirmed = await times(4, () => confirm(id));
    expect(confirmed.map(({ status }) => status)).toEqual(Array(4).fill(200));
    expect(await me.settled(id)).toMatchObject({ state: 'succeeded' });
    expect((await balance()) - before).toBe(500n);
    expect((await start('top_up', { cardId, amount: yuan('5.00') }, id)).body).toMatchObject({
      id,
      state: 'succeeded',
    });
    expect((await balance()) - before).toBe(500n);
  });

  test('with other content is a conflict, while it runs and after it ended', async () => {
    const told: Told = { code: reproduces('operation.conflict'), side: 'app', retry: 'no' };
    const id = newPublicId('op');
    await me.start('top_up', { cardId, amount: yuan('5.00') }, id);
    const other = (api: Api) => api.refusedStart('top_up', { cardId, amount: yuan('50.00') }, id);
    await expectRefused(me, other, told);
    await confirm(id);
    await me.settled(id);
    await expectRefused(me, other, told);
    await expectRefused(me, (api) => api.refusedStart('withdraw', { cardId, amount: yuan('5.00') }, id), told);
  });

  test('of somebody else is an operation of its own', async () => {
    const id = newPublicId('op');
    await me.start('transfer', { payeePhone: wen.phone, amount: yuan('1.00') }, id);
    const her = await openVerifiedAgain();
    expect(await her.refused('GET', `/v1/operations/${id}`)).toMatchObject({ code: reproduces('operation.not_found') });
    const hers = await her.start('transfer', { payeePhone: ming.phone, amount: yuan('0.01') }, id).catch(String);
    expect(String(hers)).toContain('account.insufficient_balance');
  });
});

describe('two devices at once', () => {
  test('that begin the same thing under ids of their own leave one of them to confirm', async () => {
    const before = await balance();
    const ids = Array.from({ length: 6 }, () => newPublicId('op'));
    const answers = await Promise.all(ids.map((id) => start('top_up', { cardId, amount: yuan('7.00') }, id)));
    for (const { status, body } of answers) expect([status, body.code]).toEqual([200, undefined]);
    const open = await me.get<{ operations: OperationShape[] }>('/v1/operations?open=true');
    expect(open.operations.filter(({ kind }) => kind === 'top_up')).toHaveLength(1);
    await Promise.all(ids.map(confirm));
    const ends = await Promise.all(ids.map((id) => me.settled(id)));
    expect(ends.map(({ state }) => state).toSorted()).toEqual([...Array(5).fill('cancelled'), 'succeeded']);
    expect((await balance()) - before).toBe(700n);
  });

  test('that spend the same money: as often as it suffices', async () => {
    const all = await balance();
    // Two of them suffice for all there is. Each another sum: an equal one would take the place of the one before it.
    const ids = Array.from({ length: 5 }, () => newPublicId('op'));
    for (const [i, id] of ids.entries()) {
      const amount = { minor: String(all / 2n - BigInt(i)), currency: 'CNY' };
      await me.start('transfer', { payeePhone: wen.phone, amount }, id);
    }
    await Promise.all(ids.map(confirm));
    const ends = await Promise.all(
      ids.map(async (id) => {
        const operation = await me.settled(id);
        return operation.state === 'needs_you' ? (await confirm(id)).body : operation;
      }),
    );
    const done = ends.filter(({ state }) => state === 'succeeded');
    expect(done).toHaveLength(2);
    for (const end of ends) {
      if (done.includes(end)) continue;
      const problem = 'code' in end ? end : end.failure;
      expect(problem).toMatchObject({
        code: reproduces('account.insufficient_balance'),
        moneyMoved: 'no',
        side: 'you',
      });
    }
    const spent = [...ids.keys()].filter((i) => ends[i]?.state === 'succeeded').map((i) => all / 2n - BigInt(i));
    expect(await balance()).toBe(all - spent.reduce((sum, each) => sum + each, 0n));
  });

  test('that bind the same card bind it once', async () => {
    const card = sampleCard(ming, { bankCode: 'CCB' });
    const input = { cardNumber: card.number, reservedPhone: card.reservedPhone };
    const answers = await times(3, () => start('bind_card', input));
    for (const { status, body } of answers) {
      if (status !== 200) expect(body.code).toBe(reproduces('operation.in_progress'));
    }
    const open = await me.get<{ operations: OperationShape[] }>('/v1/operations?open=true');
    const waiting = open.operations.filter(({ kind }) => kind === 'bind_card');
    expect(waiting).toHaveLength(1);
    const id = waiting[0]?.id ?? '';
    await me.settled(id);
    const code = await lastCode(wallet.sandbox, ming.phone);
    await times(3, () => me.call('POST', `/v1/operations/${id}/steps/code`, { code }));
    expect(await me.settled(id)).toMatchObject({ state: 'succeeded' });
    const { cards } = await me.get<{ cards: { bankCode: string }[] }>('/v1/cards');
    expect(cards.filter(({ bankCode }) => bankCode === 'CCB')).toHaveLength(1);
  });

  test('that open a wallet for the same new number get the same one', async () => {
    const phone = '+8613911115555';
    const visits = await times(2, async () => {
      const visit = new Api(wallet.url);
      visit.token = (await visit.post<{ token: string }>('/v1/visits')).token;
      return visit;
    });
    const ids: string[] = [];
    for (const visit of visits) {
      const { id } = await visit.start('open_wallet', { phone, language: 'zh-CN' });
      await visit.settled(id);
      ids.push(id);
    }
    const codes = (await wallet.sandbox.messages(phone)).map(({ code }) => code ?? '').toReversed();
    await Promise.all(visits.map((visit, i) => visit.step(ids[i] ?? '', 'code', { code: codes[i] })));
    await Promise.all(visits.map((visit, i) => visit.settled(ids[i] ?? '')));
    const people = await asOwner(wallet, (client) =>
      client.query(`select count(*)::int as n from person where phone_masked = '139****5555'`),
    );
    expect(people.rows).toEqual([{ n: 1 }]);
    const sessions = await Promise.all(visits.map((visit, i) => visit.post('/v1/sessions', { operationId: ids[i] })));
    expect(sessions).toHaveLength(2);
  });
});

/** The other person on a new device: phone code, then PIN. */
async function openVerifiedAgain(): Promise<Api> {
  const api = new Api(wallet.url);
  api.token = (await api.post<{ token: string }>('/v1/visits')).token;
  const { id } = await api.start('open_wallet', { phone: wen.phone, language: 'zh-CN' });
  await api.settled(id);
  await api.step(id, 'code', { code: await lastCode(wallet.sandbox, wen.phone) });
  await api.step(id, 'pin', { pin: goodPin });
  api.token = (await api.post<{ token: string }>('/v1/sessions', { operationId: id })).token;
  return api;
}
