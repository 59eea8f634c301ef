import { generateKeyPairSync } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { columnTypes } from '../../src/database/column-types.ts';
import { checkLedger } from '../../src/ledger/check-ledger.ts';
import type { AccountFlags, Counter } from '../../src/ledger/ledger.ts';
import { checkLog } from '../../src/ledger/proof/check-log.ts';
import { openLedgerLog, publishedVerifier } from '../../src/ledger/proof/ledger-log.ts';
import type { SignedHead } from '../../src/proof/receipt.ts';
import { hold, LedgerFixture, makeId, post, release, take } from '../rooms/ledger/fixture.ts';
import {
  accounts,
  asset,
  changes,
  FILLING,
  giver,
  idle,
  LAST,
  poor,
  rich,
  right,
  signed,
  source,
  taker,
  till,
} from './tamperings.ts';

/**
 * An auditor's view: somebody who may write everything changes one thing in the tables, and the check says which row it
 * is. Every column of every table is tried, or is among those of which nothing else in the books can tell.
 */

const tables = ['account', 'transfer', 'hold', 'head', 'log_node', 'signed_head', 'signing_key', 'writer'].map(
  (each) => `ledger_${each}`,
);
const { privateKey } = generateKeyPairSync('ed25519');

let fixture: LedgerFixture;
let client: pg.Client;
let oldHead: SignedHead;
const countedIn = (...counters: Counter[]) => ({ counts: counters.map((counter) => ({ counter, upTo: 5_000n })) });

/**
 * By their places: 1 and 2 plain movements, 3 to 6 holds, of which 7 takes a part of the first, 8 releases the second,
 * 9 is the time-out of the third and the last is open; 10 and 11 touch no account in common; with 12 to 14 an account is
 * below nothing, above it and even; 15 and 16 are a hold of what is not there and its release; then many, a head, one more
 * and a head over it. Counted are 1 in the first counter, 10 in the second and 11 in both.
 */
async function fill(): Promise<void> {
  const flagsOf: Partial<Record<string, AccountFlags>> = {
    [String(rich)]: { debitsMustNotExceedCredits: true },
    [String(poor)]: { debitsMustNotExceedCredits: true },
    [String(asset)]: { creditsMustNotExceedDebits: true },
  };
  await fixture.ledger.createAccounts(
    accounts.map((id) => ({
      id,
      ledger: id === asset || id === till ? 2 : 1,
      code: 1,
      flags: flagsOf[String(id)] ?? {},
    })),
  );
  const expiresAt = fixture.inMs(1_000);
  const holds = [10n, 20n, 30n, 40n].map((amount) => hold(rich, poor, amount, amount === 30n ? { expiresAt } : {}));
  await fixture.one(post(source, rich, 1_000n, { operationId: makeId(), ...countedIn(0) }));
  await fixture.one(post(rich, poor, 100n));
  for (const each of holds) await fixture.one(each);
  await fixture.one(take(holds[0]!.id, 4n));
  await fixture.one(release(holds[1]!.id));
  fixture.clock.advance(2_000);
  expect(await fixture.ledger.expireHolds(10)).toBe(1);
  await fixture.one(post(asset, till, 7n, countedIn(1)));
  await fixture.one(post(source, poor, 5n, countedIn(0, 1)));
  // Below nothing, then above it; not forbidden to this account.
  await fixture.ledger.post([[post(idle, source, 3n)], [post(source, idle, 6n)], [post(idle, source, 3n)]]);
  const reserved = hold(giver, taker, 3n);
  await fixture.ledger.post([[reserved], [release(reserved.id)]]);
  await fixture.ledger.post(Array.from({ length: FILLING }, () => [post(source, rich, 1n)]));
  const log = openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey });
  oldHead = (await log.sealHead())!;
  await fixture.one(post(source, poor, 6n));
  await log.sealHead();
}

beforeAll(async () => {
  fixture = await LedgerFixture.create();
  client = new pg.Client({ connectionString: fixture.database.ownerConnectionString, types: columnTypes });
  await client.connect();
  await fill();
  for (const table of tables) await client.query(`create table kept_${table} as table ${table}`);
  expect(await findings()).toEqual({ books: 'right', log: 'right' });
});
afterEach(async () => {
  for (const table of tables) await client.query(`truncate ${table}; insert into ${table} select * from kept_${table}`);
});
afterAll(async () => {
  await client.end();
  await fixture.close();
});

/** As `purser check-ledger` asks, with a head that somebody kept or without. */
async function findings(kept: readonly SignedHead[] = []): Promise<{ books: string; log: string }> {
  const books = await checkLedger(client);
  const log = await checkLog(client, await publishedVerifier(client), kept);
  return { books: books.ok ? 'right' : books.problem, log: log.ok ? 'right' : log.problem };
}

describe('a change of one thing is found, and named', () => {
  test.each(changes.map((each) => [`${each.table}: ${each.sql}`, each] as const))('%s', async (_, each) => {
    const { rowCount } = (await client.query(each.sql)) as pg.QueryResult;
    expect(rowCount).toBe(1);
    const found = await findings();
    expect.soft(found.books).toMatch(each.books);
    if (each.log !== undefined) expect.soft(found.log).toMatch(each.log);
  });
});

const wrongSignature = /^head \d+ has a wrong signature$/;
const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' });
const COLUMNS = `id, seq, debit_account_id, credit_account_id, amount, debit_balance, credit_balance, debit_account_seq,
  credit_account_seq, created_at, ledger, code, kind, pending_id, operation_id, debit_previous_seq, credit_previous_seq,
  counters`;
const copyOf = (place: number, more: Record<string, string>) =>
  `insert into ledger_transfer (${COLUMNS}) select ${COLUMNS.split(/,\s*/)
    .map((column) => more[column.trim()] ?? column.trim())
    .join(', ')} from ledger_transfer where seq = ${place}`;
const PLACES = 'update ledger_head set seq = (select max(seq) from ledger_transfer)';

describe('rows that are dropped, inserted, swapped or moved are found', () => {
  test.each<[string, string, RegExp, RegExp]>([
    ['a transfer dropped', 'delete from ledger_transfer where seq = 2', /^transfer at place 2 has seq 3/, /expected/],
    [
      'the last transfer dropped',
      `delete from ledger_transfer where seq = ${LAST}`,
      new RegExp(`^the head says ${LAST}, the last transfer is ${LAST - 1}$`),
      /expected/,
    ],
    [
      'the last transfer dropped, and the head with it',
      `delete from ledger_transfer where seq = ${LAST}; ${PLACES}`,
      /^account 1 does not agree with its transfers/,
      /expected/,
    ],
    [
      'a transfer put at the end',
      `${copyOf(11, { id: 'gen_random_uuid()', seq: `${LAST + 1}`, debit_previous_seq: `${LAST}`, credit_previous_seq: `${LAST}`, created_at: "created_at + interval '1 day'" })}; ${PLACES}`,
      new RegExp(`^transfer seq ${LAST + 1}: account [13] has number`),
      right,
    ],
    [
      'a transfer put in the middle',
      `update ledger_transfer set seq = seq + 1 where seq > 10; ${copyOf(10, { id: 'gen_random_uuid()', seq: '11' })}; ${PLACES}`,
      /^transfer seq 11: account 4 has number 1, .* but should have 2/,
      signed,
    ],
    [
      'a transfer doubled with its place',
      copyOf(10, { id: 'gen_random_uuid()' }),
      /^transfer at place 11 has seq 10: a row is missing, doubled or invented$/,
      /expected/,
    ],
    [
      'two transfers in each other’s place',
      'update ledger_transfer set seq = 21 - seq, debit_previous_seq = 0, credit_previous_seq = 0 where seq in (10, 11)',
      /^transfer seq 10: account [13] /,
      signed,
    ],
    [
      'the amounts of two transfers swapped',
      'update ledger_transfer set amount = case seq when 10 then 5 else 7 end where seq in (10, 11)',
      /^transfer seq 10: account 4 has number 1, balance -7 .* should have 1, -5/,
      signed,
    ],
    [
      'a hold ended a second time',
      `${copyOf(8, { id: 'gen_random_uuid()', seq: `${LAST + 1}`, created_at: '(select max(created_at) from ledger_transfer)' })}; ${PLACES}`,
      new RegExp(`^transfer \\S+ \\(seq ${LAST + 1}\\) ends hold \\S+ a second time$`),
      right,
    ],
    ['a hold dropped', 'delete from ledger_hold where state = 0', /^hold \S+ does not agree/, right],
    [
      'a hold invented',
      'insert into ledger_hold select gen_random_uuid(), debit_account_id, credit_account_id, amount, 0, null, null, 0 from ledger_hold where state = 0',
      /^hold \S+ does not agree/,
      right,
    ],
    [
      'an account dropped',
      `delete from ledger_account where id = ${poor}`,
      /\(seq 2\) names an account that is not/,
      right,
    ],
    [
      'money invented on an account of its own',
      'insert into ledger_account (id, ledger, code, credits_posted) values (99, 1, 1, 5)',
      /^account 99 does not agree with its transfers: it says 0\/0\/0\/5\/0\/0, they say 0\/0\/0\/0\/0\/0$/,
      right,
    ],
    [
      'the totals of two accounts swapped',
      `update ledger_account a set debits_posted = b.debits_posted, credits_posted = b.credits_posted
         from ledger_account b where (a.id, b.id) in ((${source}, ${till}), (${till}, ${source}))`,
      /^account 1 does not agree/,
      right,
    ],
    [
      'an account that may not be overdrawn, and was',
      `update ledger_account set flags = 1 where id = ${idle}`,
      /^transfer seq 12 overdraws account 6$/,
      right,
    ],
    [
      'an account that may not have more credit than debit, and had',
      `update ledger_account set flags = 2 where id = ${idle}`,
      /^transfer seq 13 overdraws account 6$/,
      right,
    ],
    [
      'an account that may not be overdrawn, and reserved what it had not',
      `update ledger_account set flags = 1 where id = ${giver}`,
      /^transfer seq 15 overdraws account 7$/,
      right,
    ],
    [
      'an account that may not have more credit than debit, and was to get it',
      `update ledger_account set flags = 2 where id = ${taker}`,
      /^transfer seq 15 overdraws account 8$/,
      right,
    ],
    ['every signing key dropped', 'delete from ledger_signing_key', right, wrongSignature],
    [
      'another key put in its place',
      `update ledger_signing_key set public_key = '\\x${stranger.toString('hex')}'`,
      right,
      wrongSignature,
    ],
    ...(
      [
        ['size', 'size = size - 2'],
        ['root', "root = decode(repeat('ab', 32), 'hex')"],
        ['moment', "signed_at = signed_at + interval '1 ms'"],
        ['key', "key_id = 'ab'"],
        ['signature', "signature = decode(repeat('ab', 64), 'hex')"],
      ] as const
    ).map(([what, change]): [string, string, RegExp, RegExp] => [
      `the ${what} of a head changed`,
      `update ledger_signed_head set ${change} where size = ${LAST}`,
      right,
      wrongSignature,
    ]),
  ])('%s', async (_, sql, books, log) => {
    await client.query(sql);
    const found = await findings();
    expect.soft(found.books).toMatch(books);
    expect.soft(found.log).toMatch(log);
  });
});

/** Changes a movement so that every balance, count and chain agrees with it, as somebody would who knows the books. */
const CAREFUL = `
  update ledger_transfer set amount = amount + 2, debit_balance = debit_balance - 2, credit_balance = credit_balance + 2 where seq = 10;
  update ledger_account set debits_posted = debits_posted + 2, counter_1 = counter_1 + 2 where id = 4;
  update ledger_account set credits_posted = credits_posted + 2 where id = 5`;

test('one who makes all of the books agree is found by what was signed, and with the key too by whoever kept a head', async () => {
  await client.query(CAREFUL);
  expect(await findings()).toMatchObject({ books: 'right', log: expect.stringMatching(signed) });
  await client.query('delete from ledger_log_node; delete from ledger_signed_head');
  await openLedgerLog({ reader: client, clock: fixture.clock, signingKey: privateKey }).sealHead();
  expect(await findings()).toEqual({ books: 'right', log: 'right' });
  expect(await findings([oldHead])).toMatchObject({ books: 'right', log: expect.stringMatching(signed) });
});

/** What was signed does not hold it: a limit that was kept is of the past, and nothing of anybody's money. */
test.each([
  ['no longer counted', `counters = 0 where seq = 1; update ledger_account set counter_0 = 5 where id = ${source}`],
  ['counted since', `counters = 1 where seq = 2; update ledger_account set counter_0 = 100 where id = ${rich}`],
  [
    'counted elsewhere',
    `counters = 1 where seq = 10; update ledger_account set counter_0 = 7, counter_1 = 0 where id = ${asset}`,
  ],
])('a movement %s is not found where its account was made to agree', async (_, change) => {
  await client.query(`update ledger_transfer set ${change}`);
  expect(await findings([oldHead])).toEqual({ books: 'right', log: 'right' });
});

/** Of these nothing else in the books tells; docs/ledger.md names them. */
const untold = [
  'account.code',
  'head.beat_at head.epoch head.shard',
  'signing_key.first_used_at signing_key.key_id',
  'writer.epoch writer.host writer.port writer.secret writer.shard',
]
  .join(' ')
  .split(' ');

test('every column is tried here, or is one of those of which nothing else tells', async () => {
  const tried = new Set([
    ...changes.flatMap(({ table, columns }) => columns.split(' ').map((each) => `${table}.${each}`)),
    'account.flags',
    ...['size', 'root', 'signed_at', 'key_id', 'signature'].map((each) => `signed_head.${each}`),
    // Some of these in sealing.test.ts and check-ledger.test.ts.
    ...['log_node.hash', 'log_node.index', 'log_node.level', 'signing_key.public_key', 'head.last_at'],
  ]);
  const { rows } = await client.query<{ name: string }>(
    `select substr(table_name, 8) || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and table_name like 'ledger\\_%'`,
  );
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...tried, ...untold].toSorted());
});
