import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idNumber, personName, phone } from '../../../src/kernel/masked.ts';

import { createSandboxIdentityRegistry } from '../../../src/adapters/sandbox/identity-registry.ts';
import { isIdNumber } from '../../../src/kernel/id-number.ts';
import { isLuhn } from '../../../src/kernel/luhn.ts';
import { findCardBin } from '../../../src/policy/card-bins.ts';
import { banks, cardStates, people, unknownCardNumber } from '../../../sandbox/samples.ts';
import { findMappedCause } from '../../../src/causes/map-raw.ts';
import { causeOf } from '../../../src/causes/registry.ts';
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts';
import { ming, mingsCard } from '../../support/samples.ts';
import { bind, lineTo, moneyRequest, newReference, railTo } from '../adapters/line-room.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('the samples', () => {
  const cards = people.flatMap((person) => person.cards);

  it('are people with right check characters, and cards with right check digits of ranges of their banks', () => {
    for (const { idNumber: number } of people) expect(isIdNumber(number)).toBe(true);
    for (const { number, bankCode, kind } of cards) {
      expect(isLuhn(number)).toBe(true);
      expect(findCardBin(number)).toMatchObject({ bankCode, kind: kind === 'debit' ? 'debit' : 'credit' });
    }
    expect(isLuhn(unknownCardNumber)).toBe(true);
  });
  it('are each somebody and something else', () => {
    const all = [
      ...people.map((one) => one.idNumber),
      ...people.map((one) => one.phone),
      ...cards.map((one) => one.number),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
  it('have a card at every bank and in every bad state, and every state has its cause', () => {
    expect(new Set(cards.map(({ bankCode }) => bankCode))).toEqual(new Set(banks.map(({ code }) => code)));
    for (const state of Object.keys(cardStates)) {
      expect(
        cards.some((card) => card.state === state),
        state,
      ).toBe(true);
      expect(
        findMappedCause({ rail: 'sandbox', institution: 'ICBC', flow: 'bind_card', rawCode: state }),
        state,
      ).toBeDefined();
    }
  });
  it('can be declined by no code that leaves a movement open for ever', () => {
    const finals = ['EXPIRED_REQUEST', 'BANK_MAINTENANCE', 'BINDING_NOT_FOUND', 'INSUFFICIENT_FUNDS', 'DECLINED'];
    for (const rawCode of [
      ...finals,
      'BANK_AMOUNT_LIMIT',
      'BANK_COUNT_LIMIT',
      'ACCOUNT_CLASS_LIMIT',
      ...Object.keys(cardStates),
    ]) {
      for (const flow of ['top_up', 'withdraw'] as const) {
        const code = findMappedCause({ rail: 'sandbox', institution: 'ICBC', flow, rawCode });
        if (!code) throw new Error(`${rawCode} has no cause in ${flow}`);
        expect(['declined', 'refused', 'restricted'], rawCode).toContain(causeOf(code).outcome);
      }
    }
  });
  it('start with a person who passes everywhere and an ICBC card that works', async () => {
    const registry = createSandboxIdentityRegistry(lineTo(sandbox));
    const [first] = people;
    expect(first?.name).toBe('周明远');
    const who = { name: personName(ming.name), idNumber: idNumber(ming.idNumber) };
    expect(await registry.verifyCitizen({ reference: newReference(), ...who })).toMatchObject({ outcome: 'match' });
    expect(
      await registry.verifyPhoneOwner({ reference: newReference(), phone: phone(ming.phone), ...who }),
    ).toMatchObject({ outcome: 'match' });
    expect(mingsCard.number.startsWith('622202')).toBe(true);
    expect(await railTo(sandbox).debit(moneyRequest(await bind(sandbox), 100n))).toMatchObject({ outcome: 'approved' });
  });
});

describe('the desk', () => {
  it('shows its page and everything the page needs, with nothing from elsewhere', async () => {
    const page = await fetch(sandbox.url);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expect((await fetch(`${sandbox.url}${file}`)).status, file).toBe(200);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\sstyle="|\son[a-z]+="/);
  });
  it('gives the samples in the form of the start’s banner', async () => {
    const samples = (await (await fetch(`${sandbox.url}/desk/samples`)).json()) as {
      people: { name: string; idNumber: string; phone: string }[];
      cards: { bank: string; number: string; holder: string; about: string }[];
    };
    expect(samples.people[0]).toMatchObject({ name: '周明远', phone: '+8613800006021', idNumber: ming.idNumber });
    expect(samples.cards[0]).toMatchObject({ bank: '工商银行', number: mingsCard.number, holder: '周明远' });
    expect(samples.cards.every(({ about }) => about !== '')).toBe(true);
  });
  it('changes what a card is and has, and its bank acts on it at once', async () => {
    const token = await bind(sandbox);
    const debit = (fen: bigint) => railTo(sandbox).debit(moneyRequest(token, fen));
    await sandbox.setCard(mingsCard.number, { balance: '50' });
    expect(await debit(51n)).toMatchObject({ outcome: 'declined', rawCode: 'INSUFFICIENT_FUNDS' });
    expect(await debit(50n)).toMatchObject({ outcome: 'approved' });
    await sandbox.setCard(mingsCard.number, { state: 'CARD_LOST', balance: '1000' });
    expect(await debit(1n)).toMatchObject({ outcome: 'declined', rawCode: 'CARD_LOST' });
    await sandbox.setCard(mingsCard.number, { state: 'normal' });
    expect(await debit(1n)).toMatchObject({ outcome: 'approved' });
  });
  it('keeps books that add up to nothing at every bank', async () => {
    const books = await sandbox.books();
    expect(books.banks).toHaveLength(banks.length);
    for (const { bankCode, sum } of books.banks) expect(sum, bankCode).toBe('0');
  });
  it('uses a behaviour up as often as it was told, for the kinds it was told', async () => {
    const token = await bind(sandbox);
    await sandbox.setBehaviour('ICBC', { mode: 'decline', code: 'CUTOFF', times: 2, only: 'debits' });
    const answers: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const answer = await railTo(sandbox).debit(moneyRequest(token, 1n));
      answers.push(answer.outcome === 'declined' ? answer.rawCode : answer.outcome);
      await railTo(sandbox).query({ reference: newReference(), bankCode: 'ICBC' });
    }
    expect(answers).toEqual(['CUTOFF', 'CUTOFF', 'approved']);
  });
  it.each([
    [{ mode: 'sleepy' }],
    [{ mode: 'decline' }],
    [{ mode: 'slow', delayMs: -1 }],
    [{ mode: 'maintenance', until: 'soon' }],
    [{ mode: 'silent', times: 0 }],
    [{ mode: 'silent', only: [1] }],
    [null],
  ])('refuses a behaviour that is none: %j', async (behaviour) => {
    expect((await post('/desk/banks/ICBC/behaviour', behaviour)).status).toBe(400);
    expect((await post('/desk/banks/NOBANK/behaviour', { mode: 'down' })).status).toBe(404);
  });
  it('obeys no page of somebody else', async () => {
    for (const path of ['/desk/reset', '/desk/banks/ICBC/behaviour', `/desk/cards/${mingsCard.number}`]) {
      expect((await post(path, { mode: 'down' }, { origin: 'https://evil.example' })).status).toBe(403);
    }
    const { state } = await railTo(sandbox).status('ICBC');
    expect(state).toBe('up');
  });
  it('takes no endless body', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = request(`${sandbox.url}/desk/sms/behaviour`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      outgoing.once('response', (incoming) => resolve(incoming.resume().statusCode ?? 0));
      outgoing.once('error', reject);
      outgoing.end(Buffer.alloc(70 * 1024, 'x'));
    });
    expect(status).toBe(413);
  });
  it('begins anew on demand', async () => {
    const token = await bind(sandbox);
    expect((await post('/desk/reset', {})).status).toBe(200);
    expect(await railTo(sandbox).debit(moneyRequest(token, 1n))).toMatchObject({ rawCode: 'BINDING_NOT_FOUND' });
    expect((await sandbox.books()).partnerBalance).toBe('0');
    expect(await sandbox.messages(ming.phone)).toEqual([]);
  });
});
