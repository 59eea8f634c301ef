import { generateKeyPairSync } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLog } from '../../../src/ledger/proof/check-log.ts';
import { openLedgerLog, signatureVerifier } from '../../../src/ledger/proof/ledger-log.ts';
import { LedgerFixture, post } from './fixture.ts';

/** A wallet signs nothing that does not begin with what it signed before, and whoever checks learns where to look. */

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const verify = signatureVerifier([publicKey]);
const SIZE = 700;
let fixture: LedgerFixture;

beforeAll(async () => {
  fixture = await LedgerFixture.create();
  const [a, b] = [await fixture.makeAccount(), await fixture.makeAccount()];
  const grow = (count: number) => fixture.ledger.post(Array.from({ length: count }, () => [post(a, b, 1n)]));
  await fixture.withOwner(async (client) => {
    for (const count of [300, 400]) {
      await grow(count);
      await openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey }).sealHead();
    }
  });
  await grow(200);
});
afterAll(() => fixture.close());

/** What is done is undone afterwards. */
const afterDoing = (sql: string, work: (client: pg.Client) => Promise<void>) =>
  fixture.withOwner(async (client) => {
    await client.query('begin');
    await client.query(sql);
    await work(client);
    await client.query('rollback');
  });
const seal = (client: pg.Client) =>
  openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey }).sealHead();

const changed = (level: number, index: number) =>
  `update ledger_log_node set hash = decode(repeat('ab', 32), 'hex') where level = ${level} and index = ${index}`;
const notTheirs = (first: number, last: number) => `the stored node of transfers ${first} to ${last} is not theirs`;
const notSigned = (size: number, first: number, last: number) =>
  `the first ${size} transfers are not those that head ${size} signed: look among ${first} to ${last}`;

const changes = (seq: number) => `update ledger_transfer set code = 8 where seq = ${seq}`;

describe('what was changed is told with its place', () => {
  test.each<[string, string, string]>([
    ['a stored node', changed(8, 0), notTheirs(1, 256)],
    ['another one', changed(8, 1), notTheirs(257, 512)],
    ['a row after the last group', changes(690), notSigned(SIZE, 301, SIZE)],
  ])('%s: and nothing is signed over it', async (_, sql, problem) => {
    await afterDoing(sql, async (client) => {
      expect(await checkLog(client, verify)).toEqual({ ok: false, problem });
      await expect(seal(client)).rejects.toThrow(`that head ${SIZE} signed`);
    });
  });

  test('a node that was put there before its transfers were signed: and nothing is signed over it', async () => {
    await afterDoing("insert into ledger_log_node values (8, 2, decode(repeat('ab', 32), 'hex'))", async (client) => {
      await expect(seal(client)).rejects.toThrow('is not that of its transfers');
    });
  });

  test.each([
    ['of the first group', 20, notSigned(300, 1, 256)],
    ['of a group that two heads share', 400, notSigned(SIZE, 301, 512)],
  ])('a row %s: and what is signed is what it was before', async (_, seq, problem) => {
    let root: string | undefined;
    await afterDoing('select', async (client) => {
      root = (await seal(client))?.root;
    });
    await afterDoing(changes(seq), async (client) => {
      expect(await checkLog(client, verify)).toEqual({ ok: false, problem });
      expect((await seal(client))?.root).toBe(root);
    });
  });

  test('a node that is gone: and it is made again', async () => {
    await afterDoing('delete from ledger_log_node where index = 1', async (client) => {
      expect(await checkLog(client, verify)).toEqual({ ok: false, problem: notTheirs(257, 512) });
      expect((await seal(client))?.size).toBe(SIZE + 200);
      expect(await checkLog(client, verify)).toEqual({ ok: true, heads: 3 });
    });
  });
});

test('a book as it was is signed, also where somebody else has stored the same nodes', async () => {
  await afterDoing('select', async (client) => {
    const [one, two] = [await seal(client), await seal(client)];
    expect(one).toEqual(two);
    expect(one?.size).toBe(SIZE + 200);
    await client.query('delete from ledger_signed_head where size = 900');
    expect((await seal(client))?.root).toBe(one?.root);
    expect(await checkLog(client, verify)).toEqual({ ok: true, heads: 3 });
  });
});
