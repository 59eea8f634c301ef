import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandboxBankRail } from '../../../src/adapters/sandbox/bank-rail.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { otp } from '../../../src/kernel/masked.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import type { BankRail } from '../../../src/ports/bank-rail.ts';
import { ming, mingsCard } from '../../support/samples.ts';
import type { SandboxBooks, SandboxMessage } from '../../support/sandbox.ts';
import { bindingOf, moneyRequest } from '../adapters/line-room.ts';
import { makeKeys, runSandboxProgram, type SandboxProgram } from './line-program.ts';

const keys = makeKeys();
let folder: string;
let program: SandboxProgram;

const railTo = (url: string): BankRail =>
  createSandboxBankRail({
    baseUrl: url,
    partnerPrivateKey: keys.partner,
    bankPublicKey: keys.bankPublic,
    clock: systemClock,
    random: systemRandom,
    timeoutMs: 60_000,
    guard: () => undefined,
  });
const read = async <T>(path: string): Promise<T> => (await (await fetch(`${program.url}${path}`)).json()) as T;
const setBehaviour = (behaviour: unknown) =>
  fetch(`${program.url}/desk/banks/ICBC/behaviour`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour),
  });

async function killAndRestart(): Promise<void> {
  program.child.kill('SIGKILL');
  await program.ended;
  program = await runSandboxProgram(keys, folder);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  program = await runSandboxProgram(keys, folder);
});
afterAll(async () => {
  program.child.kill('SIGKILL');
  await program.ended;
  await rm(folder, { recursive: true, force: true });
});

describe('what a bank has promised', () => {
  it('survives kill -9: bindings, codes, answers, books, the state of the switches', async () => {
    const binding = bindingOf(ming, mingsCard);
    const { reference, bankCode } = binding;
    const asked = await railTo(program.url).requestBinding(binding);
    await killAndRestart();
    expect(await railTo(program.url).requestBinding(binding)).toEqual(asked);
    const { messages } = await read<{ messages: SandboxMessage[] }>(`/desk/phones/${ming.phone}/messages`);
    expect(messages).toHaveLength(1);
    const bound = await railTo(program.url).confirmBinding({ reference, bankCode, code: otp(messages[0]?.code ?? '') });
    if (bound.outcome !== 'approved') throw new Error(JSON.stringify(bound));
    const request = moneyRequest(bound.cardToken, 1_234n);
    const debited = await railTo(program.url).debit(request);
    await killAndRestart();
    expect(await railTo(program.url).debit(request)).toEqual(debited);
    expect(await railTo(program.url).query(request)).toEqual(debited);
    const books = await read<SandboxBooks>('/desk/books');
    expect(books.partnerBalance).toBe('1234');
    expect(books.banks.every(({ sum }) => sum === '0')).toBe(true);
  });
  it('is carried out after kill -9, once, when it was postponed', async () => {
    const token = await bindAgain();
    await setBehaviour({ mode: 'in_progress', delayMs: 5000, only: 'debits' });
    const request = moneyRequest(token, 55n);
    expect(await railTo(program.url).debit(request)).toMatchObject({ outcome: 'in_progress' });
    await killAndRestart();
    await expect.poll(() => railTo(program.url).query(request)).toMatchObject({ outcome: 'approved' });
    const { entries } = await read<SandboxBooks>('/desk/books');
    expect(entries.filter((entry) => entry.reference === request.reference)).toHaveLength(1);
    await setBehaviour({ mode: 'normal' });
  });
  it('is what its answers said, however often it is killed while it works', async () => {
    const token = await bindAgain();
    const requests = Array.from({ length: 60 }, () => moneyRequest(token, 10n));
    for (const part of [requests.slice(0, 20), requests.slice(20, 40), requests.slice(40)]) {
      const rail = railTo(program.url);
      const answers = part.map((request) => rail.debit(request));
      await answers[3];
      await killAndRestart();
      const heard = await Promise.all(answers);
      const { entries } = await read<SandboxBooks>('/desk/books');
      for (const [i, request] of part.entries()) {
        const booked = entries.filter((entry) => entry.reference === request.reference).length;
        const told = await railTo(program.url).query(request);
        expect(told.outcome).toBe(booked === 1 ? 'approved' : 'not_found');
        if (heard[i]?.outcome === 'approved') expect(booked).toBe(1);
        if (heard[i]?.outcome === 'not_sent') expect(booked).toBe(0);
      }
    }
  });

  async function bindAgain(): Promise<string> {
    const binding = bindingOf(ming, mingsCard);
    const rail = railTo(program.url);
    await rail.requestBinding(binding);
    const { messages } = await read<{ messages: SandboxMessage[] }>(`/desk/phones/${ming.phone}/messages`);
    const bound = await rail.confirmBinding({ ...binding, code: otp(messages[0]?.code ?? '') });
    if (bound.outcome !== 'approved') throw new Error(JSON.stringify(bound));
    return bound.cardToken;
  }
});

describe('the program', () => {
  it('ends when whoever started it lets go of its standard input', async () => {
    const other = await mkdtemp(join(tmpdir(), 'sandbox-'));
    const orphan = await runSandboxProgram(keys, other);
    orphan.child.stdin?.destroy();
    expect(await orphan.ended).toEqual({ code: 0, signal: null });
    await rm(other, { recursive: true, force: true });
  });
});
