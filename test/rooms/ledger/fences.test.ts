import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { Ledger, NewTransfer } from '../../../src/ledger/ledger.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { quick, withClient } from './crash-story.ts';
import { hold, makeId, post, take, words } from './fixture.ts';
import { loadAccount, makeLoadAccounts } from './ledger-load.ts';

/**
 * Every fence by itself: somebody else has written, and of all that a batch carries only one thing tells. Nothing that was
 * decided by the old books may be committed, and the call is decided again by the new ones.
 */

const [rich, me, other, third] = [0, 1, 2, 3].map(loadAccount) as [never, never, never, never];
let database: TestDatabase;
let ledger: Ledger;
const problems: Error[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  problems.length = 0;
  ledger = await openLedger({
    connectionString: database.connectionString,
    clock: systemClock,
    // No beat between what is done here and the next batch: it would find out first.
    limits: { ...quick, leaseMs: 600_000, watchMs: 600_000 },
    onProblem: (error) => problems.push(error),
  });
  await makeLoadAccounts(ledger);
  await ledger.post([[post(rich, me, 100n)], [post(rich, third, 100n)], [post(third, other, 1n)]]);
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});
const asOwner = (sql: string) => withClient(database.ownerConnectionString, (client) => client.query(sql));

/** A movement between accounts that the calls below do not touch, as another writer would have left it. */
const elsewhere = `
  update ledger_account set seq = seq + 1, last_seq = 4, debits_posted = debits_posted + 1 where id = ${third};
  update ledger_account set seq = seq + 1, last_seq = 4, credits_posted = credits_posted + 1 where id = ${rich};
  insert into ledger_transfer values
    ('${makeId()}', 4, ${third}, ${rich}, 1, 98, -199, 3, 3, now(), 1, 7, 1, null, null, 3, 2, 0);
  update ledger_head set seq = 4`;

const counted = { counts: [0, 1].map((counter) => ({ counter, upTo: 100n })) };

// One alone is written by other statements than several are, and what counts by others than what does not.
describe.each([
  ['alone', 1, {}],
  ['among others', 3, {}],
  ['that is counted, alone,', 1, counted],
  ['that is counted, among others,', 3, counted],
])('a movement %s is refused by its fence', (_, count, more) => {
  const movements = () => Array.from({ length: count }, (): NewTransfer[] => [post(me, other, 1n, more)]);
  afterEach(async () => {
    // Decided again, counted once.
    const { rows } = await asOwner(`select sum(amount)::int8 as sum from ledger_transfer where counters = 3`);
    expect(await ledger.account(me)).toMatchObject({ counted: [rows[0]?.sum ?? 0n, rows[0]?.sum ?? 0n] });
  });
  const posted = Array.from({ length: count }, () => ['posted']);

  test('where another epoch has begun', async () => {
    await asOwner('update ledger_head set epoch = epoch + 1');
    expect(words(await ledger.post(movements()))).toEqual(posted);
    expect(problems).toMatchObject([{ table: 'ledger_head' }]);
  });

  test('where the book has gone on in the same epoch, with other accounts', async () => {
    await asOwner(elsewhere);
    const heard = await ledger.post(movements());
    expect(words(heard)).toEqual(posted);
    expect(heard[0]?.[0]).toMatchObject({ seq: 5n });
    expect(problems).toMatchObject([{ table: 'ledger_head' }]);
  });

  test.each([me, other])('where account %s was moved and the book was not', async (account) => {
    await asOwner(`update ledger_account set seq = seq + 1 where id = ${account}`);
    expect(words(await ledger.post(movements()))).toEqual(posted);
    expect(problems).toMatchObject([{ table: 'ledger_account' }]);
    const { rows } = await asOwner(`select seq from ledger_account where id = ${account}`);
    expect(rows).toEqual([{ seq: BigInt(count + 2) }]);
  });

  test('where the hold that it takes was ended', async () => {
    const held = hold(me, other, 10n);
    await ledger.post([[held]]);
    await asOwner(`update ledger_hold set state = 2, ended_by = '${makeId()}' where id = '${held.id}'`);
    const heard = await ledger.post([[take(held.id)], ...movements().slice(1)]);
    expect(words(heard)).toEqual([['pending_transfer_already_voided'], ...posted.slice(1)]);
    expect(problems).toMatchObject([{ table: 'ledger_hold' }]);
  });
});

test('the state of an account is set by the fence of the epoch and of the account too', async () => {
  await asOwner('update ledger_head set epoch = epoch + 1');
  await ledger.setAccountState(me, { frozen: true });
  await asOwner(`update ledger_account set seq = seq + 1 where id = ${me}`);
  await ledger.setAccountState(me, { closed: true });
  expect(await ledger.account(me)).toMatchObject({ frozen: true, closed: true });
  expect(problems.map((each) => 'table' in each && each.table)).toEqual(['ledger_head', 'ledger_account']);
});

test.each([1, 3])('of %i at once none passes a counter that somebody else has brought on', async (count) => {
  await asOwner(`update ledger_account set seq = seq + 1, counter_1 = 98 where id = ${me}`);
  const heard = await ledger.post(Array.from({ length: count }, () => [post(me, other, 1n, counted)]));
  const expected = ['posted', 'posted', 'exceeds_counter'].slice(0, count);
  expect(words(heard)).toEqual(expected.map((each) => [each]));
  expect(problems).toMatchObject([{ table: 'ledger_account' }]);
  expect(await ledger.account(me)).toMatchObject({
    counted: [BigInt(Math.min(count, 2)), BigInt(98 + Math.min(count, 2))],
  });
});

test('a row that is not there, where one was to be changed, does not go unseen', async () => {
  await asOwner(`delete from ledger_account where id = ${other}`);
  await ledger.post([[post(me, other, 1n)]]);
  expect(problems).toMatchObject([{ message: expect.stringContaining('UPDATE 0 where UPDATE 1 was due') }]);
});
