import { existsSync, writeFileSync } from 'node:fs';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { LedgerReceipt } from '../../src/contract/receipt.ts';
import { freePort } from '../support/free-port.ts';
import { CannotStart } from '../../src/database/cannot-start.ts';
import { changeSecrets, readSecrets } from '../../src/secrets.ts';
import { rotateKey } from '../../src/start/rotate-key.ts';
import { checkBooks } from '../../src/start/check-books.ts';
import { verifyReceiptFile } from '../../src/start/verify-receipt.ts';
import { Api, yuan } from '../support/api.ts';
import { openOperatorRoom, type OperatorRoom } from '../support/operator-room.ts';
import { wen } from '../support/samples.ts';
import { testClock } from '../support/test-clock.ts';
import { move, openVerified, startWallet, type TestWallet, openFunded } from '../support/wallet.ts';

/** The key that signs the book is changed: what was signed before holds still, and whoever kept the old key needs no other. */

let wallet: TestWallet;
let room: OperatorRoom;
let me: Api;

beforeAll(async () => {
  wallet = await startWallet();
  room = await openOperatorRoom(wallet);
  ({ api: me } = await openFunded(wallet, '300.00'));
  await openVerified(wallet, wen);
});
afterAll(async () => {
  await wallet.close();
  await room.close();
});

const rotate = async (): Promise<string[]> => {
  const said: string[] = [];
  await rotateKey(room.config(), (sentence) => said.push(sentence));
  return said;
};
const receiptOfTransfer = async (api: Api): Promise<LedgerReceipt> => {
  const { id } = await move(api, 'transfer', { payeePhone: wen.phone, amount: yuan('1.00') });
  return api.get<LedgerReceipt>(`/v1/operations/${id}/receipt`);
};
async function save(name: string, content: unknown): Promise<string> {
  const path = join(room.folder, name);
  await writeFile(path, JSON.stringify(content));
  return path;
}
async function verify(...words: string[]): Promise<string> {
  const said: string[] = [];
  const holds = await verifyReceiptFile(words, (sentence) => said.push(sentence));
  return `${holds}: ${said.join('\n')}`;
}
/** The wallet as it is after a start on the secrets as they are now; beside the first, as another process of it. */
async function startedAgain(): Promise<{ api: Api; close: () => Promise<void> }> {
  const port = await freePort();
  const config = room.config({
    PURSER_PORT: String(port),
    PURSER_SANDBOX_PORT: new URL(wallet.sandbox.url).port,
    PURSER_SHOP_PORT: String(wallet.shopPort),
    PURSER_LOG_LEVEL: 'silent',
  });
  const { connectionString, ownerConnectionString } = wallet.database;
  const secrets = await readSecrets(config, () => undefined);
  // The sandbox of a test has keys of its own.
  const outside = { partner: wallet.secrets.partner, sandbox: wallet.secrets.sandbox };
  const app = await createApp({
    config,
    secrets: { ...secrets, ...outside },
    connectionString,
    ownerConnectionString,
    log: () => undefined,
    clock: testClock,
  });
  await app.listen();
  return { api: new Api(`http://127.0.0.1:${port}`, me.token), close: app.close };
}

test('receipts of before and after hold, by the key of before alone, by all keys, and with a head from before', async () => {
  const oldKeys = await save('old-keys.json', await me.get('/v1/ledger/keys'));
  const before = await receiptOfTransfer(me);
  const oldReceipt = await save('before.json', before);
  expect(before.endorsements).toEqual([]);

  const said = await rotate();
  expect(said[0]).toContain(`${before.key.keyId} vouches for it`);
  // Who runs goes on with the key that it has.
  expect((await receiptOfTransfer(me)).key.keyId).toBe(before.key.keyId);
  const { api, close } = await startedAgain();
  const after = await receiptOfTransfer(api);
  expect(after.key.keyId).not.toBe(before.key.keyId);
  const newReceipt = await save('after.json', after);
  const keys = await api.get<{ keys: { keyId: string; endorsement: { by: string } | null }[] }>('/v1/ledger/keys');
  expect(keys.keys.map(({ keyId, endorsement }) => [keyId, endorsement?.by ?? null])).toEqual([
    [after.key.keyId, before.key.keyId],
    [before.key.keyId, null],
  ]);
  const allKeys = await save('keys.json', keys);

  expect(await verify(newReceipt, '--key', oldKeys)).toMatch(
    /^true: .*a newer one, for which the one you gave vouches/,
  );
  expect(await verify(newReceipt, '--key', allKeys)).toMatch(/^true: .*The key is the one you gave/);
  for (const given of [oldKeys, allKeys]) {
    expect(await verify(oldReceipt, '--key', given)).toMatch(/^true: .*The key is the one you gave/);
  }
  const query = `/v1/ledger/consistency?from=${before.head.size}&to=${after.head.size}`;
  const proof = await save('proof.json', await api.get(query));
  const grown = await verify(newReceipt, '--key', oldKeys, '--head', oldReceipt, '--consistency', proof);
  expect(grown).toMatch(/^true: .*and that book and the one of your old head/);
  const bare = await save('bare.json', { ...after, endorsements: [] });
  expect(await verify(bare, '--key', oldKeys)).toMatch(/^false: .*is not among those you gave/);
  // An old receipt that is asked for anew is the old one.
  const { transactions } = await api.get<{ transactions: { id: string }[] }>('/v1/transactions?limit=100');
  const again = await Promise.all(
    transactions.map(({ id }) => api.get<LedgerReceipt>(`/v1/transactions/${id}/receipt`)),
  );
  expect(again.find(({ transfer }) => transfer.id === before.transfer.id)?.head).toEqual(before.head);
  await close();

  const books: string[] = [];
  await checkBooks(room.config(), (sentence) => books.push(sentence), ['--head', oldReceipt]);
  expect(books.join('\n')).toMatch(/The books are right.*\n.*yours among them/);
});

test('twice in a row, the key in between never used, leads on from the first key all the same', async () => {
  const oldKeys = await save('old-keys.json', await me.get('/v1/ledger/keys'));
  await rotate();
  await rotate();
  const { api, close } = await startedAgain();
  const receipt = await receiptOfTransfer(api);
  expect(receipt.endorsements.length).toBeGreaterThanOrEqual(2);
  expect(await verify(await save('twice.json', receipt), '--key', oldKeys)).toMatch(/^true: .*vouches/);
  await close();
});

test('of two changes of the secrets at once one is refused: nobody reads them before it is their turn', async () => {
  const { secretsFile } = room;
  const before = await readFile(secretsFile, 'utf8');
  const other: unknown[] = [];
  await changeSecrets(room.config(), (file) => {
    // This one has read the file: another one would be through before it writes.
    try {
      writeFileSync(`${secretsFile}.next`, before, { flag: 'wx' });
    } catch (error) {
      other.push(error);
    }
    return file;
  });
  expect(other).toMatchObject([{ code: 'EEXIST' }]);
  expect(existsSync(`${secretsFile}.next`)).toBe(false);
  const cannot = changeSecrets(room.config(), () => {
    throw new CannotStart('not so');
  });
  await expect(cannot).rejects.toThrow('not so');
  expect([existsSync(`${secretsFile}.next`), await readFile(secretsFile, 'utf8')]).toEqual([false, before]);
});

test('the file of secrets is changed whole or not at all, for its owner’s eyes only', async () => {
  const { secretsFile } = room;
  const before = await readFile(secretsFile, 'utf8');
  // As if a change before had been cut off in the middle: nothing is lost, and nothing is done over it.
  await writeFile(`${secretsFile}.next`, '{"half":');
  await expect(rotate()).rejects.toThrow(/another change is under way, or one was cut off/);
  expect(await readFile(secretsFile, 'utf8')).toBe(before);
  await rm(`${secretsFile}.next`);
  await rotate();
  expect(existsSync(`${secretsFile}.next`)).toBe(false);
  expect((await stat(secretsFile)).mode & 0o777).toBe(0o600);
  const [old, now] = [before, await readFile(secretsFile, 'utf8')].map(
    (text) => JSON.parse(text) as Record<string, unknown>,
  );
  const changed = Object.keys(now!).filter((name) => JSON.stringify(now![name]) !== JSON.stringify(old![name]));
  expect(changed).toEqual(['ledgerHeadPrivateKey', 'ledgerHeadEndorsements']);
  await chmod(secretsFile, 0o644);
  await expect(rotate()).rejects.toThrow(/chmod 600/);
  await writeFile(secretsFile, JSON.stringify({ ...now, ledgerHeadEndorsements: 'x' }), { mode: 0o600 });
  await chmod(secretsFile, 0o600);
  await expect(rotate()).rejects.toThrow(/ledgerHeadEndorsements/);
});
