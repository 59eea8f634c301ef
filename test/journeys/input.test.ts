import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationKind } from '../../src/contract/operations.ts';
import type { Problem } from '../../src/contract/problem.ts';
import { isLuhn } from '../../src/kernel/luhn.ts';
import { Api, newPublicId, yuan } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, mingsCard, sampleCard, wen } from '../support/samples.ts';
import { expectNothingChanged, expectRefused, expectRefusedStart, stateOf, type Told } from '../support/told.ts';
import { bindCard, lastCode, move, openVerified, openWallet, startWallet, type TestWallet } from '../support/wallet.ts';

/** What a person types wrong: each with its own cause, told in both languages, and nothing changed. */

let wallet: TestWallet;
let me: Api;
let unproven: Api;
let visit: Api;
let cardId: string;
beforeAll(async () => {
  wallet = await startWallet();
  me = await openVerified(wallet, ming);
  await openVerified(wallet, wen);
  unproven = await openWallet(wallet, '+8613911112222');
  cardId = await bindCard(wallet, me, mingsCard);
  await move(me, 'top_up', { cardId, amount: yuan('100.00') });
  visit = new Api(wallet.url);
  visit.token = (await visit.post<{ token: string }>('/v1/visits')).token;
});
afterAll(async () => {
  expect(wallet.said).toEqual([]);
  await wallet.close();
});

const yours = (code: Told['code'], field: string): Told => ({ code, side: 'you', retry: 'after_fix', field });
const phones = ['12345', '1380000602', '+86 400 800 1234', '010-12345678', '+99912345678', '一三八〇〇〇〇六〇二一'];
const names = ['周', '周明远7', 'A', '周明远'.repeat(14), '张<script>'];
const idNumbers = [
  '110105199003070031',
  '11010519900230703X',
  '1101051990030700',
  '11010519491231002Y',
  'ABCDEFGHIJKLMNOPQR',
];
const cardNumbers = ['6222020000001234561', '622202', '6222 0200 0000 1234 5x6', '0'.repeat(12), '1'.repeat(25)];

/** Of a bank that is known, but that the sandbox's line does not reach. */
const offTheLine = Array.from('0123456789', (digit) => `622690000000000${digit}`).find(isLuhn);

describe('opening a wallet', () => {
  test.each(phones)('with the phone %s', async (phone) => {
    const told = yours(reproduces('contact.phone_invalid'), 'phone');
    await expectRefusedStart(visit, 'open_wallet', { phone, language: 'zh-CN' }, told);
  });
  test.each(['', '   '])('with no phone: "%s"', async (phone) => {
    await expectRefusedStart(
      visit,
      'open_wallet',
      { phone, language: 'zh-CN' },
      yours(reproduces('input.missing'), 'phone'),
    );
  });
  test('with the field left out', async () => {
    const told = yours(reproduces('input.missing'), 'phone');
    await expectRefusedStart(visit, 'open_wallet', { language: 'zh-CN' }, told);
  });
  test('with a code that is no code, and with a wrong one', async () => {
    const phone = '+8613911113333';
    const begun = await visit.start('open_wallet', { phone, language: 'zh-CN' });
    await visit.settled(begun.id);
    const enter = (code: unknown) => (api: Api) =>
      api.refused('POST', `/v1/operations/${begun.id}/steps/code`, { code });
    await expectRefused(visit, enter('12a456'), yours(reproduces('input.format_invalid'), 'otp'));
    await expectRefused(visit, enter('12345'), yours(reproduces('input.format_invalid'), 'otp'));
    const right = await lastCode(wallet.sandbox, phone);
    const wrong = String((Number(right) + 1) % 1_000_000).padStart(6, '0');
    const problem = await enter(wrong)(visit);
    expect(problem).toMatchObject({
      code: reproduces('otp.wrong'),
      params: { left: 4 },
      side: 'you',
      moneyMoved: 'no',
    });
    await expectRefused(visit, enter(wrong), yours(reproduces('otp.wrong'), 'otp'));
  });
});

describe('proving who one is', () => {
  const about = (part: object) => ({ name: ming.name, idNumber: ming.idNumber, ...part });
  const cases: [string, object, Told][] = [
    ...names.map((name): [string, object, Told] => [name, { name }, yours(reproduces('input.format_invalid'), 'name')]),
    ...idNumbers.map((idNumber): [string, object, Told] => [
      ...([idNumber, { idNumber }] as const),
      yours(reproduces('input.id_number_invalid'), 'id_number'),
    ]),
    ['no name', { name: ' ' }, yours(reproduces('input.missing'), 'name')],
    ['no ID number', { idNumber: '' }, yours(reproduces('input.missing'), 'id_number')],
  ];
  test.each(cases)('with %s', async (_what, part, told) => {
    await expectNothingChanged(wallet, () => expectRefusedStart(unproven, 'verify_identity', about(part), told));
  });
});

describe('binding a card', () => {
  const about = (part: object) => ({ cardNumber: mingsCard.number, reservedPhone: ming.phone, ...part });
  const credit = ming.cards.find(({ kind }) => kind === 'credit')?.number;
  const choice = (code: Told['code']): Told => ({ code, side: 'policy', retry: 'other_method', field: 'card_number' });
  const cases: [string, object, Told][] = [
    ...cardNumbers.map((cardNumber): [string, object, Told] => [
      ...([cardNumber, { cardNumber }] as const),
      yours(reproduces('input.card_number_typo'), 'card_number'),
    ]),
    ['no number', { cardNumber: '  ' }, yours(reproduces('input.missing'), 'card_number')],
    ['no reserved phone', { reservedPhone: '' }, yours(reproduces('input.missing'), 'reserved_phone')],
    [
      'a reserved phone that is none',
      { reservedPhone: '12' },
      yours(reproduces('contact.phone_invalid'), 'reserved_phone'),
    ],
    ['a bank nobody knows', { cardNumber: '4111111111111111' }, choice(reproduces('card.issuer_unsupported'))],
    ['a bank off the line', { cardNumber: offTheLine }, choice(reproduces('card.issuer_unsupported'))],
    ['a credit card', { cardNumber: credit }, choice(reproduces('card.type_unsupported'))],
  ];
  test.each(cases)('with %s', async (_what, part, told) => {
    await expectNothingChanged(wallet, () => expectRefusedStart(me, 'bind_card', about(part), told));
  });
});

describe('amounts', () => {
  const wrong: [string, string][] = [
    ['zero', '0'],
    ['negative', '-500'],
    ['larger than any book', '9999999999999999'],
  ];
  const kinds: [OperationKind, () => object][] = [
    ['top_up', () => ({ cardId })],
    ['withdraw', () => ({ cardId })],
    ['transfer', () => ({ payeePhone: wen.phone })],
  ];
  describe.each(kinds)('of %s', (kind, rest) => {
    const refusedWith = (amount: unknown, told: Told) =>
      expectNothingChanged(wallet, () => expectRefusedStart(me, kind, { ...rest(), amount }, told));

    test.each(wrong)('%s', async (_what, minor) => {
      await refusedWith({ minor, currency: 'CNY' }, yours(reproduces('input.amount_invalid'), 'amount'));
    });
    test.each(['1.5', '12,50', '1e3', '', ' 5', '05', '１００'])('that is no number of fen: "%s"', async (minor) => {
      await refusedWith({ minor, currency: 'CNY' }, yours(reproduces('input.format_invalid'), 'amount'));
    });
    test('in another currency', async () => {
      await refusedWith(
        { minor: '500', currency: 'USD' },
        { code: reproduces('policy.currency_unsupported'), side: 'policy', retry: 'other_method', field: 'currency' },
      );
    });
    test('left out', async () => {
      const problem: Problem = await me.refusedStart(kind, rest());
      expect(problem).toMatchObject({ code: reproduces('input.missing'), field: 'amount', moneyMoved: 'no' });
    });
  });
  test('as a number instead of text, as a stranger’s field', async () => {
    const told: Told = { code: reproduces('app.request_invalid'), side: 'app', retry: 'after_fix' };
    await expectRefusedStart(me, 'top_up', { cardId, amount: { minor: 500, currency: 'CNY' } }, told);
    await expectRefusedStart(me, 'top_up', { cardId, amount: yuan('5'), fee: yuan('1') }, told);
  });
});

describe('payment PINs', () => {
  const set = (pin: string) => (api: Api) => api.refused('PUT', '/v1/me/payment-pin', { pin });
  test.each(['123456', '111111', '900307', '121212'])('that anybody would try: %s', async (pin) => {
    await expectRefused(unproven, set(pin), yours(reproduces('input.secret_weak'), 'payment_pin'));
  });
  test.each(['12345', '1234567', '49271五'])('that are none: %s', async (pin) => {
    await expectRefused(unproven, set(pin), yours(reproduces('input.format_invalid'), 'payment_pin'));
  });
  test('changed without the present one', async () => {
    const told: Told = { code: reproduces('security.pin_required'), side: 'security', retry: 'after_fix' };
    await expectRefused(me, set('837519'), told);
  });
});

describe('things that are not there', () => {
  test('are told alike whether they are nobody’s or somebody else’s', async () => {
    const ids = await me.get<{ transactions: { id: string }[] }>('/v1/transactions');
    for (const path of [
      ...[`/v1/operations/${newPublicId('op')}`, `/v1/transactions/${ids.transactions[0]?.id}`],
      ...[`/v1/cards/${cardId}`, `/v1/transactions/${newPublicId('tx')}`],
    ]) {
      const problem = await unproven.refused('GET', path);
      expect(problem.code, path).toBe(reproduces('operation.not_found'));
      expect(problem.remedies.length).toBeGreaterThan(0);
    }
  });
  test('and typing wrong a hundred times has changed nothing', async () => {
    expect(isLuhn(offTheLine ?? '')).toBe(true);
    expect(await stateOf(wallet)).toMatchObject({ cards: '1', verified: '2', partnerBalance: '10000' });
  });
});

test('a card typed with spaces and full-width digits, and a phone with them, are read all the same', async () => {
  const card = sampleCard(ming, { bankCode: 'CCB' });
  const cardNumber = card.number.replace(/(.{4})/g, '$1 ').replaceAll('1', '１');
  const begun = await me.start('bind_card', { cardNumber, reservedPhone: '138 0000-6021' });
  expect(await me.settled(begun.id)).toMatchObject({ state: 'needs_you', step: 'code' });
  await me.step(begun.id, 'code', { code: await lastCode(wallet.sandbox, ming.phone) });
  expect(await me.settled(begun.id)).toMatchObject({ state: 'succeeded' });
});
