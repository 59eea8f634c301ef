import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unknownCardNumber } from '../../sandbox/samples.ts';
import type { OperationShape } from '../../src/contract/operations.ts';
import { type Api, newPublicId } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, mingsCard, sampleCard, samplePerson, wen } from '../support/samples.ts';
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
import { bindCard, lastCode, openVerified, openWallet, startWallet, type TestWallet } from '../support/wallet.ts';

/** A bank says no to a card: each reason with its own cause, and no card is bound. */

let wallet: TestWallet;
let me: Api;
beforeAll(async () => {
  wallet = await startWallet();
  me = await openVerified(wallet, ming);
});
afterAll(() => closeRight(wallet));

type Card = { number: string; reservedPhone: string };

/** A day passes for whatever counts tries. */
const forgetTries = () => asOwner(wallet, (client) => client.query('delete from attempt_counter'));

async function begin(api: Api, card: Card): Promise<OperationShape> {
  const begun = await api.start('bind_card', { cardNumber: card.number, reservedPhone: card.reservedPhone });
  return api.settled(begun.id);
}

async function expectDeclined(card: Card, told: Told): Promise<OperationShape> {
  await forgetTries();
  let id = '';
  await expectNothingChanged(wallet, async () => {
    id = (await begin(me, card)).id;
  });
  const end = await expectFailure(me, id, told);
  expect(end).toMatchObject({ state: 'failed', moneyMoved: 'no', result: null, amount: null });
  return end;
}

describe('a card of a bad state is not bound', () => {
  const issuer = (code: Told['code'], retry: Told['retry'] = 'other_method'): Told => ({
    code,
    side: 'card_issuer',
    retry,
  });
  const bank = (code: Told['code'], retry: Told['retry'] = 'other_method'): Told => ({ code, side: 'bank', retry });
  const cases: [string, Told][] = [
    ['CARD_EXPIRED', issuer(reproduces('card.expired'))],
    ['CARD_LOCKED', issuer(reproduces('card.locked'), 'after_fix')],
    ['CARD_LOST', issuer(reproduces('card.lost_or_stolen'))],
    ['CARD_CANCELLED', issuer(reproduces('card.cancelled'))],
    ['CARD_DAMAGED', issuer(reproduces('card.damaged'))],
    ['CARD_NOT_ACTIVATED', issuer(reproduces('card.not_activated'), 'after_fix')],
    ['CARD_ONLINE_OFF', issuer(reproduces('card.online_payment_off'), 'after_fix')],
    ['CARD_RESTRICTED', issuer(reproduces('card.use_restricted'))],
    ['CARD_STATUS_ABNORMAL', issuer(reproduces('card.status_abnormal'))],
    ['WALLET_BLOCKED', bank(reproduces('bank.wallet_blocked'))],
    ['SETUP_NEEDED', bank(reproduces('bank.setup_needed'), 'after_fix')],
    ['REQUIREMENT_UNMET', bank(reproduces('bank.requirement_unmet'))],
    ['REFER_TO_BANK', bank(reproduces('bank.refer'), 'after_fix')],
    ['RISK_REFUSED', bank(reproduces('bank.risk_refused'), 'no')],
    ['AML_REFUSED', { code: reproduces('policy.aml_refused'), side: 'policy', retry: 'no' }],
    ['DECLINED', bank(reproduces('bank.declined_unspecified'))],
  ];
  test.each(cases)('%s', async (state, told) => {
    await expectDeclined(sampleCard(ming, { state }), told);
  });
});

describe('a card whose details differ from what its bank has', () => {
  const yours = (code: Told['code'], field: string): Told => ({
    ...{ code, side: 'you', retry: 'after_fix', field, says: '9 次' },
  });
  const cases: [string, Card, Told][] = [
    ['number', { ...mingsCard, number: unknownCardNumber }, yours(reproduces('card.number_unknown'), 'card_number')],
    [
      'holder',
      { ...sampleCard(wen), reservedPhone: wen.phone },
      yours(reproduces('card.name_mismatch'), 'cardholder_name'),
    ],
    ['ID number', sampleCard(ming, { note: /另一个身份证号/ }), yours(reproduces('card.id_mismatch'), 'id_number')],
    [
      ...(['reserved phone', { ...mingsCard, reservedPhone: wen.phone }] as const),
      yours(reproduces('card.reserved_phone_mismatch'), 'reserved_phone'),
    ],
    [
      ...([
        'phone reserved elsewhere',
        { ...sampleCard(ming, { note: /另一个手机号/ }), reservedPhone: ming.phone },
      ] as const),
      yours(reproduces('card.reserved_phone_mismatch'), 'reserved_phone'),
    ],
  ];
  test.each(cases)('%s', async (_what, card, told) => {
    await expectDeclined(card, told);
  });
  test('ten times in a day, and then no more: banks are not to be searched through us', async () => {
    await forgetTries();
    for (let left = 9; left >= 0; left -= 1) {
      const { failure } = await begin(me, { ...mingsCard, reservedPhone: wen.phone });
      expect(failure?.code).toBe(reproduces('card.reserved_phone_mismatch'));
      if (left > 0) expect(failure?.detail).toContain(`${left} 次`);
      else expect(failure?.detail).not.toMatch(/次/);
    }
    const input = { cardNumber: mingsCard.number, reservedPhone: mingsCard.reservedPhone };
    const told: Told = { code: reproduces('limit.tries'), side: 'security', retry: 'later' };
    const problem = await expectRefusedStart(me, 'bind_card', input, told);
    expect(problem.retryAt).not.toBeNull();
    await forgetTries();
  });
});

describe('the bank’s code', () => {
  const enter = (id: string, code: string) => me.step(id, 'code', { code });
  const wrongOne = (right: string) => String((Number(right) + 1) % 1_000_000).padStart(6, '0');

  test('wrong four times is counted down, the fifth ends it, and a new start has new tries', async () => {
    await forgetTries();
    const { id } = await begin(me, mingsCard);
    const right = await lastCode(wallet.sandbox, ming.phone);
    for (const left of [4, 3, 2, 1]) {
      await enter(id, wrongOne(right));
      const told: Told = {
        code: reproduces('otp.bank_code_failed'),
        side: 'security',
        retry: 'after_fix',
        says: `${left} 次`,
      };
      expect(await me.settled(id)).toMatchObject({
        state: 'needs_you',
        step: 'code',
        details: { code: { triesLeft: left } },
      });
      await expectFailure(me, id, { ...told, field: 'otp' });
    }
    await enter(id, wrongOne(right));
    expect(await me.settled(id)).toMatchObject({ state: 'failed' });
    await expectFailure(me, id, { code: reproduces('otp.bank_code_locked'), side: 'security', retry: 'after_fix' });
    // The right code is worth nothing any more, and says so by leaving the end as it is.
    expect(await enter(id, right)).toMatchObject({ state: 'failed' });

    const again = await begin(me, mingsCard);
    expect(again).toMatchObject({ state: 'needs_you' });
    await me.post(`/v1/operations/${again.id}/cancel`);
  });

  test('that has run out is asked for again and costs no try', async () => {
    const { id } = await begin(me, mingsCard);
    await wallet.sandbox.setBehaviour('ICBC', {
      mode: 'decline',
      code: 'BANK_OTP_EXPIRED',
      only: 'bindings/confirm',
      times: 1,
    });
    await enter(id, '000000');
    await me.settled(id);
    const told: Told = { code: reproduces('otp.expired'), side: 'you', retry: 'after_fix', field: 'otp' };
    const now = await expectFailure(me, id, told);
    expect(now).toMatchObject({ state: 'needs_you', details: { code: { triesLeft: 5 } } });
    // Another one at once is too soon; a minute later it comes, and the former one counts no more.
    const former = await lastCode(wallet.sandbox, ming.phone);
    const resend = (api: Api) => api.refused('POST', `/v1/operations/${id}/resend-code`, {});
    await expectRefused(me, resend, { code: reproduces('limit.too_fast'), side: 'security', retry: 'later' });
    await asOwner(wallet, (client) =>
      client.query(
        `update operation set data = jsonb_set(data, '{codeResendAt}', to_jsonb(created_at::text)) where ended_at is null`,
      ),
    );
    await me.post(`/v1/operations/${id}/resend-code`);
    const newest = await lastCode(wallet.sandbox, ming.phone);
    if (former !== newest) {
      await enter(id, former);
      expect((await me.settled(id)).failure?.code).toBe(reproduces('otp.bank_code_failed'));
    }
    await enter(id, newest);
    expect(await me.settled(id)).toMatchObject({ state: 'succeeded', failure: null });
  });

  test('never entered lets the binding expire', async () => {
    const card = sampleCard(ming, { bankCode: 'CCB' });
    const { id } = await begin(me, card);
    await letTimePass(wallet, id, 11);
    const told: Told = { code: reproduces('operation.expired'), side: 'you', retry: 'after_fix' };
    const submit = (api: Api) => api.refused('POST', `/v1/operations/${id}/steps/code`, { code: '123456' });
    await expectRefused(me, submit, told);
    expect(await expectFailure(me, id, told)).toMatchObject({ state: 'expired' });
  });
});

describe('how many', () => {
  const start = (api: Api, card: Card, told: Told) =>
    expectRefusedStart(api, 'bind_card', { cardNumber: card.number, reservedPhone: card.reservedPhone }, told);
  /** Cards of strangers, as if bound long ago: the sandbox has not so many people. */
  const pretendCards = (sql: string, values: unknown[]) => asOwner(wallet, (client) => client.query(sql, values));
  const copy = (person: string, digest: string) =>
    `insert into card (id, person_id, bank_code, kind, pan_sealed, pan_digest, last4, token_sealed, bound_at)
     select gen_random_uuid(), ${person}, bank_code, kind, pan_sealed, ${digest}, last4, token_sealed, bound_at from card`;

  test('the same card again', async () => {
    await forgetTries();
    await start(me, mingsCard, {
      code: reproduces('card.already_bound'),
      side: 'you',
      retry: 'no',
      field: 'card_number',
    });
  });
  test('before anybody knows who it is for', async () => {
    const stranger = await openWallet(wallet, '+8613911114444');
    await start(stranger, mingsCard, {
      code: reproduces('identity.verification_required'),
      side: 'you',
      retry: 'after_fix',
    });
  });
  test('more cards than an account may have', async () => {
    await pretendCards(`${copy('person_id', `sha256(n::text::bytea)`)}, generate_series(1, 9) as n limit 9`, []);
    const told: Told = { code: reproduces('limit.cards_per_account'), side: 'policy', retry: 'after_fix', says: '10' };
    await start(me, sampleCard(ming, { bankCode: 'CCB' }), told);
    await pretendCards(
      'delete from card where pan_digest in (select sha256(n::text::bytea) from generate_series(1, 9) as n)',
      [],
    );
  });
  test('a card in more accounts than it may be', async () => {
    const others = ['陈志强', '王秀兰', '李思远', '赵敏', '林晓雯'];
    for (const name of others) {
      const { phone } = samplePerson(name);
      await openWallet(wallet, phone);
      const masked = `${phone.slice(3, 6)}****${phone.slice(-4)}`;
      await pretendCards(`${copy('p.id', 'pan_digest')}, person p where p.phone_masked = $1 limit 1`, [masked]);
    }
    await pretendCards(
      `update card set removed_at = now() where person_id = (select id from person where phone_masked = $1)`,
      ['138****6021'],
    );
    const told: Told = {
      code: reproduces('limit.accounts_per_card'),
      side: 'policy',
      retry: 'other_method',
      says: '5',
    };
    await start(me, mingsCard, told);
    await pretendCards('delete from card where removed_at is null', []);
  });
});

test('a card is removed at its bank first, and can be bound again', async () => {
  await forgetTries();
  const cardId = await bindCard(wallet, me, mingsCard);
  await wallet.sandbox.setBehaviour('ICBC', { mode: 'down' });
  const remove = (api: Api) => api.refused('DELETE', `/v1/cards/${cardId}`);
  await expectRefused(me, remove, { code: reproduces('bank.unreachable'), side: 'bank', retry: 'later' });
  expect((await me.get<{ cards: unknown[] }>('/v1/cards')).cards).toHaveLength(1);
  await wallet.sandbox.setBehaviour('ICBC', { mode: 'normal' });
  expect((await me.call('DELETE', `/v1/cards/${cardId}`)).status).toBe(204);
  expect((await me.get<{ cards: unknown[] }>('/v1/cards')).cards).toHaveLength(0);
  const input = { cardId, amount: { minor: '100', currency: 'CNY' } };
  const told: Told = { code: reproduces('card.binding_broken'), side: 'wallet', retry: 'after_fix' };
  await expectRefusedStart(me, 'top_up', input, told);
  await expectRefusedStart(me, 'top_up', { ...input, cardId: newPublicId('card') }, told);
  expect(await bindCard(wallet, me, mingsCard)).toMatch(/^card_/);
});

test('a phone that is left out is the wallet’s own, and the bank’s number stands beside what it said', async () => {
  await forgetTries();
  const card = sampleCard(ming, { note: /另一个手机号/ });
  const begun = await me.start('bind_card', { cardNumber: card.number });
  const end = await me.settled(begun.id);
  expect(end).toMatchObject({
    state: 'failed',
    failure: { code: 'card.reserved_phone_mismatch' },
    details: { bankHotline: expect.stringMatching(/^95\d{3}$/) },
  });
});
