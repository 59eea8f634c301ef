import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mode } from '../../sandbox/behaviours.ts';
import type { Clock } from '../../sandbox/clock.ts';
import { createSandbox } from '../../sandbox/create-sandbox.ts';

export type SandboxBehaviour = {
  mode: Mode;
  delayMs?: number;
  until?: string;
  times?: number;
  only?: string | readonly string[];
  code?: string;
  text?: string;
};

export type SandboxMessage = { id: string; from: string; to: string; at: string; text: string; code: string | null };

export type SandboxBooks = {
  partnerBalance: string;
  banks: { bankCode: string; partnerBalance: string; sum: string }[];
  entries: { bank: string; at: string; reference: string; kind: string; from: string; to: string; amount: string }[];
};

export type TestSandbox = {
  url: string;
  partnerPrivateKey: KeyObject;
  bankPublicKey: KeyObject;
  /** `ICBC` and the other banks, `registry` or `sms`. */
  setBehaviour: (target: string, behaviour: SandboxBehaviour) => Promise<void>;
  /** Newest first. */
  messages: (phone: string) => Promise<SandboxMessage[]>;
  books: () => Promise<SandboxBooks>;
  /** The balance in fen. */
  setCard: (number: string, change: { state?: string; balance?: string }) => Promise<void>;
  close: () => Promise<void>;
};

/** The real sandbox in this process, on a free port, with keys and a memory of its own. */
export async function startSandbox(
  options: { callbackUrl?: string; port?: number; clock?: Clock } = {},
): Promise<TestSandbox> {
  const partner = generateKeyPairSync('ed25519');
  const bank = generateKeyPairSync('ed25519');
  const dataFolder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const sandbox = await createSandbox(
    {
      ...{ port: options.port ?? 0, host: '127.0.0.1', dataFolder, callbackUrl: options.callbackUrl },
      ...{ partnerPublicKey: partner.publicKey, privateKey: bank.privateKey },
    },
    options.clock,
  );
  const url = await sandbox.listen();
  const ask = async <T>(path: string, body?: unknown): Promise<T> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(
      `${url}${path}`,
      body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) },
    );
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const isBank = (target: string) => target !== 'registry' && target !== 'sms';
  return {
    ...{ url, partnerPrivateKey: partner.privateKey, bankPublicKey: bank.publicKey },
    setBehaviour: (target, behaviour) =>
      ask(`/desk/${isBank(target) ? `banks/${target}` : target}/behaviour`, behaviour),
    messages: async (phone) => (await ask<{ messages: SandboxMessage[] }>(`/desk/phones/${phone}/messages`)).messages,
    books: () => ask('/desk/books'),
    setCard: (number, change) => ask(`/desk/cards/${number}`, change),
    async close() {
      await sandbox.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
