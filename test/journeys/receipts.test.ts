import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { openLedgerLog } from '../../src/ledger/proof/ledger-log.ts';
import type { LedgerReceipt } from '../../src/contract/receipt.ts';
import { verifyReceiptFile } from '../../src/start/verify-receipt.ts';
import { newPublicId, yuan, type Api } from '../support/api.ts';
import { reproduces } from '../support/reproduces.ts';
import { ming, wen } from '../support/samples.ts';
import { move, openVerified, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

// A receipt is proof that its owner keeps: given for what moved money, to nobody else, and checked without the wallet.

type Head = LedgerReceipt['head'];

let wallet: TestWallet;
let payer: Api;
let payee: Api;
let cardId: string;
let transferId: string;
let folder: string;

beforeAll(async () => {
  wallet = await startWallet();
  folder = await mkdtemp(join(tmpdir(), 'purser-receipts-'));
  ({ api: payer, cardId } = await openFunded(wallet, '300.00'));
  payee = await openVerified(wallet, wen);
  transferId = (await send('12.34')).id;
});
afterAll(async () => {
  await wallet.close();
  await rm(folder, { recursive: true, force: true });
});

const send = (sum: string) => move(payer, 'transfer', { payeePhone: wen.phone, amount: yuan(sum), note: 'for lunch' });
const receiptOf = (api: Api, operation: string) => api.get<LedgerReceipt>(`/v1/operations/${operation}/receipt`);

async function newestTransaction(api: Api): Promise<string> {
  const { transactions } = await api.get<{ transactions: { id: string }[] }>('/v1/transactions?limit=1');
  return transactions[0]!.id;
}

let files = 0;
async function save(content: unknown): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.json`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** What the command does, without a process of its own for each. */
async function verify(...words: string[]): Promise<{ holds: boolean; says: string }> {
  const said: string[] = [];
  const holds = await verifyReceiptFile(words, (sentence) => said.push(sentence));
  return { holds, says: said.join('\n') };
}

/** The command as somebody would run it, with nothing in its environment that leads to the wallet. */
async function runVerify(...words: string[]): Promise<{ holds: boolean; says: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      ['src/main.ts', 'verify', ...words],
      { env: { PATH: '/usr/bin:/bin' } },
      (error, stdout, stderr) => {
        if (stderr !== '' || (child.exitCode !== 0 && child.exitCode !== 1)) reject(error ?? new Error(stderr));
        else resolve({ holds: child.exitCode === 0, says: stdout.trim() });
      },
    );
  });
}

test('both sides have a receipt of a transfer, made at once, and neither tells of the other more than a masked name', async () => {
  const paid = await receiptOf(payer, transferId);
  const received = await payee.get<LedgerReceipt>(`/v1/transactions/${await newestTransaction(payee)}/receipt`);
  expect(received.transfer).toEqual(paid.transfer);
  expect([paid.told.direction, received.told.direction]).toEqual(['out', 'in']);
  expect(paid.transfer).toMatchObject({ amount: '1234', ledger: 156, kind: 'post' });
  expect([paid.told.account, received.told.account]).toEqual([
    paid.transfer.debitAccountId,
    paid.transfer.creditAccountId,
  ]);
  for (const receipt of [paid, received]) {
    const text = JSON.stringify(receipt);
    for (const secret of [ming.name, wen.name, ming.phone, wen.phone, ming.idNumber, wen.idNumber, '28766', 'lunch'])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/balance/i);
    expect(Object.keys(receipt).sort()).toEqual(
      ['endorsements', 'format', 'head', 'key', 'leaf', 'path', 'told', 'transfer', 'wallet'].sort(),
    );
  }
  expect((await verify(await save(paid))).holds).toBe(true);
  expect((await verify(await save(received))).holds).toBe(true);
});

test('somebody else’s receipt is not there, nor one without a session', async () => {
  const transaction = await newestTransaction(payer);
  // She took part in the transfer, but the operation is his; and in the top-up she did not take part.
  const stranger = payee;
  const paths = [`/v1/operations/${transferId}/receipt`, `/v1/operations/${newPublicId('op')}/receipt`];
  for (const path of paths) {
    const problem = await stranger.refused('GET', path);
    expect(problem).toMatchObject({ status: 404, code: reproduces('operation.not_found') });
  }
  await send('1.00');
  const topUp = await payer.get<{ transactions: { id: string; kind: string }[] }>('/v1/transactions?limit=50');
  const own = topUp.transactions.find(({ kind }) => kind === 'top_up')!.id;
  expect(await stranger.refused('GET', `/v1/transactions/${own}/receipt`)).toMatchObject({ status: 404 });
  const nobody = await fetch(`${wallet.url}/v1/transactions/${transaction}/receipt`);
  expect(nobody.status).toBe(401);
});

test('what has not moved money has no receipt, and what is under way has none yet', async () => {
  const begun = await payer.start('transfer', { payeePhone: wen.phone, amount: yuan('5.00') });
  expect(await payer.refused('GET', `/v1/operations/${begun.id}/receipt`)).toMatchObject({
    status: 409,
    code: reproduces('operation.in_progress'),
  });
  await payer.post(`/v1/operations/${begun.id}/cancel`);
  expect(await payer.refused('GET', `/v1/operations/${begun.id}/receipt`)).toMatchObject({ status: 404 });
});

test('the command says in one sentence what holds and what does not', async () => {
  const receipt = await receiptOf(payer, transferId);
  const keys = await (await fetch(`${wallet.url}/v1/ledger/keys`)).text();
  const keptKeys = await save(keys);
  const entry = `CNY 12.34 from account ${receipt.transfer.debitAccountId} to account ${receipt.transfer.creditAccountId}`;
  const alone = await runVerify(await save(receipt));
  expect(alone.holds).toBe(true);
  expect(alone.says).toContain(`This receipt holds: the transfer of ${entry}`);
  expect(alone.says).toContain('The key came with the receipt itself');
  expect((await runVerify(await save({ ...receipt, leaf: '00'.repeat(32) }))).holds).toBe(false);
  const known = await verify(await save(receipt), '--key', keptKeys);
  expect([known.holds, known.says]).toEqual([true, expect.stringContaining('The key is the one you gave.')]);
  const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const changed: [string, unknown, string[]][] = [
    ['the entry in it is not the one', { ...receipt, transfer: { ...receipt.transfer, amount: '123400' } }, []],
    ['does not lead to the book', { ...receipt, path: receipt.path.with(0, 'ab'.repeat(32)) }, []],
    ['does not lead to the book', { ...receipt, path: receipt.path.slice(1) }, []],
    ['the head in it is not what was signed', { ...receipt, head: { ...receipt.head, size: 99_999 } }, []],
    ['is not among those you gave', receipt, ['--key', await save(pem)]],
  ];
  for (const [says, document, more] of changed) {
    const verdict = await verify(await save(document), ...more);
    expect(verdict).toEqual({ holds: false, says: expect.stringContaining(says) });
  }
  for (const words of [[], [await save('{}')], [await save('not JSON')], ['nowhere.json'], [keptKeys], ['--key']])
    expect((await verify(...words)).holds).toBe(false);
});

test('heads are signed by themselves, anybody can read them, and whoever kept one sees that the book only grew', async () => {
  const old = (await receiptOf(payer, transferId)).head;
  const later = await receiptOf(payer, (await send('2.00')).id);
  expect(later.head.size).toBeGreaterThan(old.size);
  const anybody = async <T>(path: string) => (await (await fetch(`${wallet.url}${path}`)).json()) as T;
  const { heads } = await anybody<{ heads: Head[] }>('/v1/ledger/heads');
  expect(heads).toEqual(expect.arrayContaining([old, later.head]));
  expect(heads.map(({ size }) => size)).toEqual(heads.map(({ size }) => size).toSorted((a, b) => b - a));
  const page = await anybody<{ heads: Head[] }>(`/v1/ledger/heads?before=${later.head.size}&limit=1`);
  expect(page.heads).toHaveLength(1);

  const [kept, receipt] = [await save(old), await save(later)];
  const query = `/v1/ledger/consistency?from=${old.size}&to=${later.head.size}`;
  const without = await verify(receipt, '--head', kept);
  expect(without).toEqual({ holds: false, says: expect.stringContaining(query) });
  const proof = await save(await anybody(query));
  const fits = await verify(receipt, '--head', kept, '--consistency', proof);
  expect(fits).toEqual({ holds: true, says: expect.stringContaining('and that book and the one of your old head') });
  const other = await verify(receipt, '--head', await save({ ...old, root: 'cd'.repeat(32) }), '--consistency', proof);
  expect(other).toEqual({ holds: false, says: expect.stringContaining('your old head is not what was signed') });

  for (const wrong of ['from=99999999', `from=${later.head.size}&to=${old.size}`])
    expect((await fetch(`${wallet.url}/v1/ledger/consistency?${wrong}`)).status).toBe(404);
  expect((await fetch(`${wallet.url}/v1/ledger/consistency?from=0`)).status).toBe(400);
});

test('the book is signed at intervals by whichever process is first, and by two at once without harm', async () => {
  await move(payer, 'top_up', { cardId, amount: yuan('10.00') });
  const task = wallet.app.wallet.tasks.find(({ name }) => name === 'ledger-heads')!;
  const other = openLedgerLog({
    reader: wallet.app.ground.database.pool,
    clock: systemClock,
    signingKey: generateKeyPairSync('ed25519').privateKey,
  });
  await Promise.all([task.run(), other.sealHead(), task.run()]);
  const { heads } = await payer.get<{ heads: Head[] }>('/v1/ledger/heads');
  expect(new Set(heads.map(({ size }) => size)).size).toBe(heads.length);
  // The key of either is published, so that whichever was first can be checked.
  const { keys } = await payer.get<{ keys: { keyId: string }[] }>('/v1/ledger/keys');
  for (const head of heads) expect(keys.map(({ keyId }) => keyId)).toContain(head.keyId);
});

test('many who ask for receipts at once share the heads that are made for them', async () => {
  const sent = [];
  for (let index = 0; index < 6; index += 1) sent.push((await send('0.01')).id);
  const before = (await payer.get<{ heads: Head[] }>('/v1/ledger/heads?limit=100')).heads.length;
  const receipts = await Promise.all(sent.map((id) => receiptOf(payer, id)));
  expect(new Set(receipts.map(({ transfer }) => transfer.id)).size).toBe(6);
  const after = (await payer.get<{ heads: Head[] }>('/v1/ledger/heads?limit=100')).heads.length;
  expect(after - before).toBeLessThanOrEqual(2);
});

test('the number on a movement is that of its entry in the proof', async () => {
  const id = await newestTransaction(payer);
  const { entryDigest } = await payer.get<{ entryDigest: string }>(`/v1/transactions/${id}`);
  expect((await payer.get<LedgerReceipt>(`/v1/transactions/${id}/receipt`)).leaf).toBe(entryDigest);
});
