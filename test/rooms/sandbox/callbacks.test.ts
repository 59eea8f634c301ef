import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxNoticeReader } from '../../../src/adapters/sandbox/bank-notice.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { BankNotice } from '../../../src/ports/bank-rail.ts';
import { startSandbox, type TestSandbox } from '../../support/sandbox.ts';
import { bind, clockAhead, moneyRequest, railTo } from '../adapters/line-room.ts';

type Heard = {
  path: string;
  headers: IncomingHttpHeaders;
  rawBody: Buffer;
  notice: BankNotice | undefined;
  at: number;
};

let partner: Server;
let sandbox: TestSandbox;
let token: string;
let heard: Heard[] = [];
/** What the partner answers next; 204 when nothing is left. */
let answers: number[] = [];

beforeAll(async () => {
  partner = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const rawBody = Buffer.concat(parts);
      const path = request.url ?? '';
      const notice = read({ bankCode: path.split('/').at(-1) ?? '', headers: request.headers, rawBody });
      heard.push({ path, headers: request.headers, rawBody, notice, at: performance.now() });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => partner.listen(0, '127.0.0.1', resolve));
  sandbox = await startSandbox({ callbackUrl: `http://127.0.0.1:${(partner.address() as AddressInfo).port}` });
  token = await bind(sandbox);
});
afterAll(async () => {
  await sandbox.close();
  await new Promise((resolve) => partner.close(resolve));
});
afterEach(async () => {
  await sandbox.setBehaviour('ICBC', { mode: 'normal' });
  heard = [];
  answers = [];
});

const read: ReturnType<typeof createSandboxNoticeReader> = (request) =>
  createSandboxNoticeReader({ bankPublicKey: sandbox.bankPublicKey, clock: systemClock })(request);
const about = (reference: string) => heard.filter(({ rawBody }) => rawBody.includes(reference));
async function debit(): Promise<string> {
  const request = moneyRequest(token, 1n);
  await railTo(sandbox).debit(request);
  return request.reference;
}

describe('a callback', () => {
  it('is the bank’s signed word on a reference', async () => {
    const reference = await debit();
    await expect.poll(() => about(reference)).toHaveLength(1);
    expect(about(reference)[0]).toMatchObject({
      path: '/callbacks/banks/ICBC',
      notice: { bankCode: 'ICBC', reference, eventId: expect.stringMatching(/^evt_/), at: expect.any(Date) },
    });
  });
  it('comes again until it is taken, always as the same event', async () => {
    answers = [500, 302];
    const reference = await debit();
    await expect.poll(() => about(reference)).toHaveLength(3);
    expect(new Set(about(reference).map(({ notice }) => notice?.eventId)).size).toBe(1);
  });
  it('comes twice with one event when the bank stutters', async () => {
    await sandbox.setBehaviour('ICBC', { mode: 'callback_twice' });
    const reference = await debit();
    await expect.poll(() => about(reference)).toHaveLength(2);
    expect(new Set(about(reference).map(({ notice }) => notice?.eventId)).size).toBe(1);
  });
  it('can come before the answer', async () => {
    await sandbox.setBehaviour('ICBC', { mode: 'callback_early', delayMs: 400 });
    const reference = await debit();
    const answered = performance.now();
    expect(about(reference)[0]?.at).toBeLessThan(answered);
  });
  it('can come late, and not at all', async () => {
    await sandbox.setBehaviour('ICBC', { mode: 'callback_late', delayMs: 4000 });
    const late = await debit();
    await sandbox.setBehaviour('ICBC', { mode: 'callback_never' });
    const never = await debit();
    // Others are told of a tenth of a second after the answer.
    await sandbox.setBehaviour('ICBC', { mode: 'normal' });
    const other = await debit();
    await expect.poll(() => about(other)).toHaveLength(1);
    expect(about(late)).toHaveLength(0);
    await expect.poll(() => about(late)).toHaveLength(1);
    expect(about(never)).toHaveLength(0);
  });
  it.each(['callback_forged', 'callback_stale'] as const)('that lies (%s) is not believed', async (mode) => {
    await sandbox.setBehaviour('ICBC', { mode });
    const reference = await debit();
    await expect.poll(() => about(reference)).toHaveLength(2);
    expect(about(reference).filter(({ notice }) => notice === undefined)).toHaveLength(1);
  });
  it('can contradict what comes after it', async () => {
    await sandbox.setBehaviour('ICBC', { mode: 'callback_contrary' });
    const reference = await debit();
    await expect.poll(() => about(reference)).toHaveLength(2);
    const said = about(reference).map(({ rawBody }) => (JSON.parse(rawBody.toString()) as { outcome: string }).outcome);
    expect(said.toSorted()).toEqual(['approved', 'declined']);
    expect(about(reference).every(({ notice }) => notice?.reference === reference)).toBe(true);
  });
  it('is believed for its own bank, its own bytes and five minutes only', async () => {
    const reference = await debit();
    await expect.poll(() => about(reference)).toHaveLength(1);
    const [one] = about(reference);
    if (!one) throw new Error('no callback');
    const { headers, rawBody } = one;
    expect(read({ bankCode: 'ICBC', headers, rawBody })).toBeDefined();
    expect(read({ bankCode: 'ABC', headers, rawBody })).toBeUndefined();
    expect(read({ bankCode: 'ICBC', headers, rawBody: Buffer.concat([rawBody, Buffer.from(' ')]) })).toBeUndefined();
    expect(read({ bankCode: 'ICBC', headers: {}, rawBody })).toBeUndefined();
    // What was signed in between is older by now: the machine may be slow.
    for (const ms of [-420_000, 301_000]) {
      const reader = createSandboxNoticeReader({ bankPublicKey: sandbox.bankPublicKey, clock: clockAhead(ms) });
      expect(reader({ bankCode: 'ICBC', headers, rawBody })).toBeUndefined();
    }
  });
});
