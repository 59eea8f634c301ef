import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { otp } from '../../../src/kernel/masked.ts';
import type { BankRail } from '../../../src/ports/bank-rail.ts';
import type { Mode } from '../../../sandbox/behaviours.ts';
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { ming, mingsCard, sampleCard } from '../../support/samples.ts';
import { bind, bindingOf, clockAhead, impatient, lastCode, moneyRequest, newReference, railTo } from './line-room.ts';

let sandbox: TestSandbox;
let rail: BankRail;
let token: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  rail = railTo(sandbox);
  token = await bind(sandbox);
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.setBehaviour('ICBC', { mode: 'normal' }));

const ICBC = 'ICBC';
/** How often the bank's books have this reference. */
const booked = async (reference: string): Promise<number> =>
  (await sandbox.books()).entries.filter((entry) => entry.reference === reference).length;

describe('a debit', () => {
  it('takes the money once, however often its reference comes', async () => {
    const request = moneyRequest(token, 12_345n);
    const first = await rail.debit(request);
    expect(first).toMatchObject({ outcome: 'approved' });
    expect(await rail.debit(request)).toEqual(first);
    expect(await rail.query(request)).toEqual(first);
    expect(await booked(request.reference)).toBe(1);
  });
  it('is once when it comes twenty times at the same moment', async () => {
    const request = moneyRequest(token, 777n);
    const answers = await Promise.all(Array.from({ length: 20 }, () => rail.debit(request)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await booked(request.reference)).toBe(1);
  });
  it('with another content under the same reference is refused and takes nothing', async () => {
    const request = moneyRequest(token, 100n);
    await rail.debit(request);
    const other = await rail.debit(moneyRequest(token, 101n, { reference: request.reference }));
    expect(other).toMatchObject({ outcome: 'declined', rawCode: 'REFERENCE_CONFLICT' });
    expect(await booked(request.reference)).toBe(1);
  });
  it('is not carried out after validUntil, and a query says so', async () => {
    const request = moneyRequest(token, 100n, { validUntil: new Date(Date.now() - 1) });
    expect(await rail.debit(request)).toMatchObject({ outcome: 'declined', rawCode: 'EXPIRED_REQUEST' });
    expect(await rail.query(request)).toMatchObject({ outcome: 'declined', rawCode: 'EXPIRED_REQUEST' });
    expect(await booked(request.reference)).toBe(0);
  });
  it('is undone once by its reversal', async () => {
    const request = moneyRequest(token, 4_321n);
    await rail.debit(request);
    const reversal = { reference: newReference(), bankCode: ICBC, originalReference: request.reference };
    const undone = await rail.reverse(reversal);
    expect(undone).toMatchObject({ outcome: 'approved' });
    expect(await rail.reverse(reversal)).toEqual(undone);
    expect(await rail.reverse({ ...reversal, reference: newReference() })).toMatchObject({ outcome: 'declined' });
    expect(await booked(reversal.reference)).toBe(1);
  });
  it('of a stranger to the bank is not found by a query', async () => {
    expect(await rail.query({ reference: newReference(), bankCode: ICBC })).toEqual({ outcome: 'not_found' });
  });
});

describe('what may have been carried out is unknown, and a query tells', () => {
  const carriedOut: Mode[] = [
    'silent',
    'lose_answer',
    'broken_body',
    'cut_answer',
    'unsigned',
    'wrong_signature',
    'stale_answer',
    'fault_500_after',
  ];
  it.each(carriedOut)('%s: it was carried out', async (mode) => {
    await sandbox.setBehaviour(ICBC, { mode, only: 'debits' });
    const request = moneyRequest(token, 100n);
    const asking = mode.startsWith('silent') ? railTo(sandbox, impatient) : rail;
    expect(await asking.debit(request)).toMatchObject({ outcome: 'unknown' });
    expect(await rail.query(request)).toMatchObject({ outcome: 'approved' });
    expect(await booked(request.reference)).toBe(1);
  });
  it.each(['silent_before', 'fault_500'] satisfies Mode[])('%s: it was not', async (mode) => {
    await sandbox.setBehaviour(ICBC, { mode, only: 'debits' });
    const request = moneyRequest(token, 100n);
    const asking = mode.startsWith('silent') ? railTo(sandbox, impatient) : rail;
    expect(await asking.debit(request)).toMatchObject({ outcome: 'unknown' });
    expect(await rail.query(request)).toEqual({ outcome: 'not_found' });
  });
  it('slow: not found at first, carried out later, refused after validUntil', async () => {
    await sandbox.setBehaviour(ICBC, { mode: 'slow', delayMs: 8000, only: 'debits' });
    const inTime = moneyRequest(token, 100n);
    const tooLate = moneyRequest(token, 100n, { validUntil: new Date(Date.now() + 600) });
    const soon = railTo(sandbox, impatient);
    const answers = await Promise.all([soon.debit(inTime), soon.debit(tooLate)]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
    expect(await rail.query(inTime)).toEqual({ outcome: 'not_found' });
    await expect.poll(() => rail.query(inTime)).toMatchObject({ outcome: 'approved' });
    expect(await rail.query(tooLate)).toMatchObject({ outcome: 'declined', rawCode: 'EXPIRED_REQUEST' });
  });
  it('in progress: said so, carried out later', async () => {
    await sandbox.setBehaviour(ICBC, { mode: 'in_progress', delayMs: 4000, only: 'debits' });
    const request = moneyRequest(token, 100n);
    expect(await rail.debit(request)).toEqual({ outcome: 'in_progress', rawCode: 'IN_PROGRESS' });
    expect(await rail.query(request)).toEqual({ outcome: 'in_progress', rawCode: 'IN_PROGRESS' });
    await expect.poll(() => rail.query(request)).toMatchObject({ outcome: 'approved' });
  });
  it('maintenance is no answer to a query', async () => {
    const request = moneyRequest(token, 100n);
    await rail.debit(request);
    await sandbox.setBehaviour(ICBC, { mode: 'maintenance' });
    expect(await rail.query(request)).toMatchObject({ outcome: 'unknown' });
    expect(await rail.debit(moneyRequest(token, 100n))).toMatchObject({
      outcome: 'declined',
      rawCode: 'BANK_MAINTENANCE',
    });
  });
});

describe('what has certainly not been carried out', () => {
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await startTcpProxy(sandbox.url);
  });
  afterAll(() => proxy.close());

  it('nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const answer = await railTo(sandbox, { baseUrl: `http://127.0.0.1:${port}` }).debit(moneyRequest(token, 100n));
    expect(answer).toEqual({ outcome: 'not_sent', reason: 'ECONNREFUSED' });
  });
  it('the name does not exist', async () => {
    const far = railTo(sandbox, { baseUrl: 'http://bank.invalid' });
    expect(await far.debit(moneyRequest(token, 100n))).toMatchObject({ outcome: 'not_sent' });
  });
  it('the bank breaks every connection', async () => {
    await sandbox.setBehaviour(ICBC, { mode: 'down' });
    for (let i = 0; i < 20; i += 1) {
      expect(await rail.debit(moneyRequest(token, 100n))).toMatchObject({ outcome: 'not_sent' });
    }
  });
  it.each([
    ['resets', { resetOnConnect: true }],
    ['lets nothing through', { swallow: 'both' }],
    ['lets nothing out', { swallow: 'up' }],
    ['lets no answer in', { swallow: 'down' }],
    ['breaks in the middle of the head', { cutUpAfter: 60 }],
  ] as const)('the network %s before the body left', async (_name, fault) => {
    proxy.setFault(fault);
    const request = moneyRequest(token, 100n);
    const cut = railTo(sandbox, { baseUrl: proxy.url, ...impatient });
    expect(await cut.debit(request)).toMatchObject({ outcome: 'not_sent' });
    proxy.setFault({});
    expect(await rail.query(request)).toEqual({ outcome: 'not_found' });
  });
  it('a gateway on the way answers for the bank', async () => {
    const gateway = createServer();
    gateway.on('checkContinue', (_request, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'));
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    expect(await railTo(sandbox, { baseUrl }).debit(moneyRequest(token, 100n))).toMatchObject({ outcome: 'not_sent' });
    await new Promise((resolve) => gateway.close(resolve));
  });
  it('but once the body has left, a broken network is unknown', async () => {
    const continued = Buffer.byteLength('HTTP/1.1 100 Continue\r\n\r\n');
    for (const fault of [{ cutDownAfter: continued }, { cutDownAfter: continued + 40 }]) {
      proxy.setFault(fault);
      const request = moneyRequest(token, 100n);
      expect(await railTo(sandbox, { baseUrl: proxy.url }).debit(request)).toMatchObject({ outcome: 'unknown' });
      const { outcome } = await rail.query(request);
      expect(['approved', 'not_found']).toContain(outcome);
      expect(await booked(request.reference)).toBe(outcome === 'approved' ? 1 : 0);
    }
    proxy.setFault({});
  });
});

describe('signatures', () => {
  it('of a stranger are not taken for the partner', async () => {
    const stranger = railTo(sandbox, { partnerPrivateKey: generateKeyPairSync('ed25519').privateKey });
    const request = moneyRequest(token, 100n);
    expect(await stranger.debit(request)).toMatchObject({ outcome: 'unknown', reason: 'answer 401' });
    expect(await booked(request.reference)).toBe(0);
  });
  it('of another bank key are not believed', async () => {
    const deceived = railTo(sandbox, { bankPublicKey: generateKeyPairSync('ed25519').publicKey });
    expect(await deceived.debit(moneyRequest(token, 100n))).toMatchObject({ outcome: 'unknown' });
  });
  it('more than five minutes off are refused', async () => {
    // Until it is read on a slow machine, what was signed ahead of time is so by less.
    for (const ms of [-301_000, 420_000]) {
      const request = moneyRequest(token, 100n);
      expect(await railTo(sandbox, { clock: clockAhead(ms) }).debit(request)).toMatchObject({ outcome: 'unknown' });
      expect(await booked(request.reference)).toBe(0);
    }
  });
  it('with a nonce that was used before are refused', async () => {
    const random = { bytes: () => Buffer.alloc(16, 7), digits: () => '0' };
    const repeating = railTo(sandbox, { random });
    expect(await repeating.query({ reference: 'x', bankCode: ICBC })).toMatchObject({ outcome: 'not_found' });
    expect(await repeating.query({ reference: 'x', bankCode: ICBC })).toMatchObject({ outcome: 'unknown' });
  });
});

describe('a binding', () => {
  it('names the wrong element, each by its own code', async () => {
    const good = bindingOf(ming, mingsCard);
    const other = bindingOf(
      { ...ming, name: '周明', idNumber: '11010519491231002X' },
      { ...mingsCard, reservedPhone: '+8613900000000' },
    );
    const codeOf = async (change: Partial<typeof good>) => {
      const answer = await rail.requestBinding({ ...good, reference: newReference(), ...change });
      return answer.outcome === 'declined' ? answer.rawCode : answer.outcome;
    };
    expect(await codeOf({ holder: other.holder })).toBe('CARD_NAME_MISMATCH');
    expect(await codeOf({ idNumber: other.idNumber })).toBe('CARD_ID_MISMATCH');
    expect(await codeOf({ reservedPhone: other.reservedPhone })).toBe('CARD_PHONE_MISMATCH');
    expect(await codeOf({ bankCode: 'ABC' })).toBe('CARD_NUMBER_UNKNOWN');
  });
  it('counts wrong codes down, also over a new code, and ends', async () => {
    const request = bindingOf(ming, mingsCard);
    const { reference, bankCode } = request;
    await rail.requestBinding(request);
    const old = await lastCode(sandbox, mingsCard.reservedPhone);
    const wrong = otp(old === '000000' ? '000001' : '000000');
    const left: (number | undefined)[] = [];
    for (let i = 0; i < 5; i += 1) {
      if (i === 2) expect(await rail.resendBindingCode(request)).toMatchObject({ outcome: 'approved' });
      const answer = await rail.confirmBinding({ reference, bankCode, code: wrong });
      expect(answer).toMatchObject({ outcome: 'declined' });
      if (answer.outcome === 'declined') left.push(answer.triesLeft);
    }
    expect(left).toEqual([4, 3, 2, 1, 0]);
    const right = otp(await lastCode(sandbox, mingsCard.reservedPhone));
    expect(await rail.confirmBinding({ reference, bankCode, code: right })).toMatchObject({ outcome: 'declined' });
  });
  it('confirmed but unheard of is found by a query, with its token', async () => {
    const request = bindingOf(ming, mingsCard);
    const { reference, bankCode } = request;
    await rail.requestBinding(request);
    expect(await rail.query(request)).toMatchObject({ outcome: 'in_progress' });
    await sandbox.setBehaviour(ICBC, { mode: 'lose_answer', only: 'bindings/confirm' });
    const code = otp(await lastCode(sandbox, mingsCard.reservedPhone));
    expect(await rail.confirmBinding({ reference, bankCode, code })).toMatchObject({ outcome: 'unknown' });
    await sandbox.setBehaviour(ICBC, { mode: 'normal' });
    const found = await rail.query(request);
    expect(found).toMatchObject({ outcome: 'approved', card: { last4: mingsCard.number.slice(-4), kind: 'debit' } });
    expect(await rail.confirmBinding({ reference, bankCode, code })).toMatchObject({ outcome: 'approved' });
  });
  it('that was removed moves no money any more', async () => {
    const cardToken = await bind(sandbox);
    expect(await rail.removeBinding({ reference: newReference(), bankCode: ICBC, cardToken })).toMatchObject({
      outcome: 'approved',
    });
    expect(await rail.debit(moneyRequest(cardToken, 1n))).toMatchObject({
      outcome: 'declined',
      rawCode: 'BINDING_NOT_FOUND',
    });
  });
  it.each(
    ming.cards.filter((card) => card.state !== 'normal').map((card) => card.state),
  )('of a card in the state %s is refused by that code', async (state) => {
    const answer = await rail.requestBinding(bindingOf(ming, sampleCard(ming, { state })));
    expect(answer).toMatchObject({ outcome: 'declined', rawCode: state });
  });
});

describe('the state of a bank', () => {
  it('is told as the desk set it', async () => {
    expect(await rail.status('ICBC')).toEqual({ bankCode: 'ICBC', state: 'up' });
    await sandbox.setBehaviour(ICBC, { mode: 'maintenance', until: '2100-01-01T00:00:00.000Z' });
    expect(await rail.status('ICBC')).toEqual({
      bankCode: 'ICBC',
      state: 'maintenance',
      until: new Date('2100-01-01T00:00:00.000Z'),
    });
    await sandbox.setBehaviour(ICBC, { mode: 'down' });
    expect(await rail.status('ICBC')).toEqual({ bankCode: 'ICBC', state: 'down' });
  });
});
