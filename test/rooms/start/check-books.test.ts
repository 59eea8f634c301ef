import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedgerLog } from '../../../src/ledger/proof/ledger-log.ts';
import { LedgerFixture, post } from '../ledger/fixture.ts';

let fixture: LedgerFixture;
let folder: string;
beforeAll(async () => {
  fixture = await LedgerFixture.create();
  folder = await mkdtemp(join(tmpdir(), 'purser-check-'));
});
afterAll(async () => {
  await fixture.close();
  await rm(folder, { recursive: true, force: true });
});

const { privateKey } = generateKeyPairSync('ed25519');

/** The command as an operator or an auditor runs it, on a database of their own. */
function checkBooks(...words: string[]): Promise<{ code: number | null; says: string }> {
  const { connectionString, ownerConnectionString } = fixture.database;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['src/main.ts', 'check-ledger', ...words],
      {
        env: {
          PATH: '/usr/bin:/bin',
          PURSER_DATA: folder,
          PURSER_DATABASE_URL: connectionString,
          PURSER_DATABASE_OWNER_URL: ownerConnectionString,
        },
      },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, says: stdout + stderr }),
    );
  });
}

test('the command holds the book to what was signed, and to a head that was kept elsewhere', async () => {
  const [from, to] = [await fixture.makeAccount(), await fixture.makeAccount()];
  for (let index = 0; index < 5; index += 1) await fixture.one(post(from, to, 10n));
  const kept = join(folder, 'head.json');
  await fixture.withOwner(async (client) => {
    const head = await openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey }).sealHead();
    await writeFile(kept, JSON.stringify(head));
  });
  const right = await checkBooks('--head', kept);
  expect(right).toMatchObject({ code: 0, says: expect.stringContaining('5 transfers on 2 accounts') });
  expect(right.says).toContain('They are what was signed: 2 heads, yours among them');

  // Somebody who may write everything makes an entry of another time of it and signs the book anew.
  await fixture.withOwner(async (client) => {
    await client.query('update ledger_transfer set code = 99 where seq = 2; delete from ledger_signed_head');
    await openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey }).sealHead();
  });
  expect(await checkBooks()).toMatchObject({ code: 0, says: expect.stringContaining('They are what was signed') });
  const found = await checkBooks('--head', kept);
  expect(found).toMatchObject({ code: 1, says: expect.stringContaining('the first 5 transfers are not those') });
});

test('a file that is no head, and words that mean nothing, are told', async () => {
  const file = join(folder, 'other.json');
  await writeFile(file, '{}');
  expect(await checkBooks('--head', file)).toMatchObject({ code: 1, says: expect.stringContaining('neither a head') });
  expect(await checkBooks('--head')).toMatchObject({ code: 1, says: expect.stringContaining('Use: check-ledger') });
  expect(await checkBooks('--haed', file)).toMatchObject({
    code: 1,
    says: expect.stringContaining('Use: check-ledger'),
  });
});
