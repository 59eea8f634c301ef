import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/kernel/clock.ts';
import { newId, uuid } from '../../../src/kernel/ids.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { checkLedger } from '../../../src/ledger/check-ledger.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { LedgerLimits } from '../../../src/ledger/ledger-limits.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { StandingClock } from '../../conformance/ledger-scene.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { quick, withClient } from './crash-story.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { makeId, post } from './fixture.ts';
import { loadAccount, makeLoadAccounts } from './ledger-load.ts';

/** What is told after something was lost on the way, moment by moment: no more than what is in the tables. */

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const [rich, me, other, third] = [loadAccount(0), loadAccount(1), loadAccount(2), loadAccount(3)];

let database: TestDatabase;
const opened: { close: () => Promise<unknown> }[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
  expect(await withClient(database.ownerConnectionString, checkLedger)).toMatchObject({ ok: true });
  await database.drop();
});

async function open(limits: Partial<LedgerLimits> = {}, connectionString = database.connectionString): Promise<Ledger> {
  const ledger = await openLedger({ connectionString, clock: systemClock, limits: { ...quick, ...limits } });
  opened.push(ledger);
  return ledger;
}

const asOwner = (sql: string) => withClient(database.ownerConnectionString, (client) => client.query(sql));
/** As the login whose connections they are: nobody else sees what they wait for, or may end them. */
const asServer = async (sql: string, values: unknown[] = []): Promise<{ pid: number }[]> =>
  withClient(database.connectionString, async (client) => (await client.query<{ pid: number }>(sql, values)).rows);
const connectionsOfWriters = `select pid from pg_stat_activity
  where datname = current_database() and application_name in ('purser ledger line', 'purser ledger lock')`;
/** A batch stands before the head, which somebody else has locked. */
async function untilStopped(): Promise<void> {
  while ((await asServer(`${connectionsOfWriters} and wait_event_type = 'Lock'`)).length === 0) await wait(5);
}
/** Runs `work` while nothing can be committed; ends every connection of the one that writes before it can be. */
async function withHeadLocked(work: () => Promise<void>): Promise<void> {
  const writers = (await asServer(connectionsOfWriters)).map(({ pid }) => pid);
  await withClient(database.ownerConnectionString, async (client) => {
    await client.query('begin');
    await client.query('select * from ledger_head for update');
    await work();
    await asServer('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [writers]);
    await client.query('commit');
  });
}

test('what was under way behind a batch without rows is not taken for committed', async () => {
  const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
  opened.push(proxy);
  const ledger = await open({}, connectionString);
  await makeLoadAccounts(ledger);
  const known = post(rich, me, 100n);
  // All accounts are in its memory: nothing has to be read meanwhile.
  await ledger.post([[known], [post(me, other, 1n)]]);
  const lost = proxy.loseAnswers(200);
  const [first, last] = [post(me, other, 1n), post(me, other, 2n)];
  // The first is committed and nobody hears of it; the second has nothing to write; the last waits for the first.
  const heard = [ledger.post([[first]])];
  await wait(30);
  heard.push(ledger.post([[known]]));
  await wait(30);
  heard.push(ledger.post([[last]]));
  await lost;
  expect((await Promise.all(heard)).flat(2).map(({ outcome }) => outcome)).toEqual(['posted', 'exists', 'posted']);
  expect(await ledger.transfer(first.id)).toBeDefined();
  expect(await ledger.transfer(last.id)).toBeDefined();
});

test('a change of state that was not committed is not told for it, because something behind it had nothing to write', async () => {
  const ledger = await open();
  await makeLoadAccounts(ledger);
  const known = post(rich, me, 100n);
  await ledger.post([[known]]);
  const heard: Promise<unknown>[] = [];
  await withHeadLocked(async () => {
    heard.push(ledger.setAccountState(me, { frozen: true }));
    await untilStopped();
    heard.push(ledger.post([[known]]));
    await wait(30);
  });
  await Promise.all(heard);
  expect(await ledger.account(me)).toMatchObject({ frozen: true });
  expect(await ledger.post([[post(me, other, 1n)]])).toEqual([
    [{ outcome: 'refused', reason: 'debit_account_frozen' }],
  ]);
});

// What is not known to be new is looked up before it is decided, and then nothing is left to look up afterwards.
test.each([
  ['of now', makeId],
  ['of long ago', () => uuid('00000000-0000-7000-8000-000000000001')],
])('whoever was replaced without noticing refuses nothing by its old books: an id %s', async (_, makeAnId) => {
  const ledger = await open({ leaseMs: 60_000 });
  await makeLoadAccounts(ledger);
  await ledger.post([[post(rich, me, 1n)]]);
  const tooMuch = post(me, other, 50n, { id: makeAnId() });
  expect(await ledger.post([[tooMuch]])).toEqual([[{ outcome: 'refused', reason: 'exceeds_credits' }]]);
  // As the next writer would have left the tables.
  await asOwner(`with head as (update ledger_head set epoch = epoch + 1, seq = seq + 1 returning seq),
    rich as (update ledger_account set seq = seq + 1, last_seq = 2, debits_posted = debits_posted + 100 where id = ${rich}),
    me as (update ledger_account set seq = seq + 1, last_seq = 2, credits_posted = credits_posted + 100 where id = ${me})
    insert into ledger_transfer select '${makeId()}', seq, ${rich}, ${me}, 100, -101, 101, 2, 2, now(), 1, 1, 1, null, null, 1, 1, 0 from head`);
  expect((await ledger.post([[tooMuch]]))[0]?.[0]).toMatchObject({ outcome: 'posted' });
});

test('whoever was replaced without noticing takes no account for frozen by its old books', async () => {
  const ledger = await open({ leaseMs: 60_000 });
  await makeLoadAccounts(ledger);
  await ledger.setAccountState(me, { frozen: true });
  // As the next writer would have left the tables.
  await asOwner(
    `with head as (update ledger_head set epoch = epoch + 1) update ledger_account set flags = 1 where id = ${me}`,
  );
  await ledger.setAccountState(me, { frozen: true });
  expect(await ledger.account(me)).toMatchObject({ frozen: true });
});

test('what somebody else has written meanwhile is told as it is there, and not as it was decided here', async () => {
  const ledger = await open({ leaseMs: 60_000 });
  await makeLoadAccounts(ledger);
  await ledger.post([[post(rich, me, 5n)]]);
  const [asked, tooMuch] = [post(rich, me, 100n), post(third, other, 50n)];
  let heard: Promise<unknown> | undefined;
  const writers = (await asServer(connectionsOfWriters)).map(({ pid }) => pid);
  await withClient(database.ownerConnectionString, async (client) => {
    await client.query('begin');
    await client.query('select * from ledger_head for update');
    heard = ledger.post([[asked], [tooMuch]]);
    await untilStopped();
    await asServer('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [writers]);
    // As the next writer would have left the tables: another movement first, and then this one.
    await client.query(`update ledger_head set epoch = epoch + 1, seq = 3;
      update ledger_account set seq = seq + 2, last_seq = 3, debits_posted = debits_posted + 160 where id = ${rich};
      update ledger_account set seq = seq + 1, last_seq = 2, credits_posted = credits_posted + 60 where id = ${third};
      update ledger_account set seq = seq + 1, last_seq = 3, credits_posted = credits_posted + 100 where id = ${me};
      insert into ledger_transfer values
        ('${makeId()}', 2, ${rich}, ${third}, 60, -65, 60, 2, 1, now(), 1, 7, 1, null, null, 1, 0, 0),
        ('${asked.id}', 3, ${rich}, ${me}, 100, -165, 105, 3, 2, now(), 1, 7, 1, null, null, 2, 1, 0)`);
    await client.query('commit');
  });
  // Nor is anybody refused what only the old books refused.
  expect(await heard).toMatchObject([[{ outcome: 'exists', seq: 3n }], [{ outcome: 'posted', seq: 4n }]]);
});

test('nor is what somebody else has written at the very same place', async () => {
  const ledger = await open({ leaseMs: 60_000 });
  await makeLoadAccounts(ledger);
  await ledger.post([[post(rich, me, 5n)]]);
  const asked = post(rich, me, 100n);
  const at = new Date('2100-01-01T00:00:00Z');
  let heard: Promise<unknown> | undefined;
  const writers = (await asServer(connectionsOfWriters)).map(({ pid }) => pid);
  await withClient(database.ownerConnectionString, async (client) => {
    await client.query('begin');
    await client.query('select * from ledger_head for update');
    heard = ledger.post([[asked]]);
    await untilStopped();
    await asServer('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [writers]);
    await client.query(`update ledger_head set epoch = epoch + 1, seq = 2, last_at = '${at.toISOString()}';
      update ledger_account set seq = 2, last_seq = 2, debits_posted = 105 where id = ${rich};
      update ledger_account set seq = 2, last_seq = 2, credits_posted = 105 where id = ${me};
      insert into ledger_transfer values
        ('${asked.id}', 2, ${rich}, ${me}, 100, -105, 105, 2, 2, '${at.toISOString()}', 1, 7, 1, null, null, 1, 1, 0)`);
    await client.query('commit');
  });
  expect(await heard).toEqual([[{ outcome: 'exists', seq: 2n, at }]]);
});

test('a refusal in a batch that was committed unheard is looked up before it is told', async () => {
  const clock = new StandingClock();
  const openAt = async (connectionString: string) => {
    const ledger = await openLedger({ connectionString, clock, limits: { ...quick, maxBatch: 100 } });
    opened.push(ledger);
    return ledger;
  };
  const before = await openAt(database.connectionString);
  await makeLoadAccounts(before);
  // Its clock runs ahead: to the next writer its id looks as if it was made since, and is not looked up beforehand.
  clock.advance(3_000);
  const known = post(me, other, 50n, { id: newId(clock, systemRandom) });
  clock.advance(-3_000);
  await before.post([[post(rich, me, 50n)], [known]]);
  opened.splice(opened.indexOf(before), 1);
  await before.close();
  const { proxy, connectionString } = await CuttingProxy.open(database.connectionString);
  opened.push(proxy);
  const ledger = await openAt(connectionString);
  // All accounts are in its memory: nothing has to be read meanwhile.
  await ledger.post([[post(rich, me, 1n)], [post(rich, other, 1n)]]);
  const unheard = post(rich, me, 1n);
  const isThere = async () => {
    while ((await asOwner(`select from ledger_transfer where id = '${unheard.id}'`)).rowCount === 0) await wait(5);
  };
  const lost = proxy.loseAnswersUntil(isThere());
  const heard = ledger.post([[unheard], [known]]);
  await lost;
  expect((await heard).flat().map(({ outcome }) => outcome)).toEqual(['posted', 'exists']);
});

test('a writer that loses its turn while it closes passes on what it has, and ends', async () => {
  const ledger = await open({ retryMs: 2_000 });
  await makeLoadAccounts(ledger);
  await ledger.post([[post(rich, me, 100n)]]);
  const heard: Promise<unknown>[] = [];
  let next: Ledger | undefined;
  await withHeadLocked(async () => {
    next = await open({ retryMs: 1 });
    heard.push(ledger.post([[post(me, other, 1n)]]));
    await untilStopped();
    heard.push(ledger.close());
  });
  const [outcomes] = await Promise.all(heard);
  expect(outcomes).toMatchObject([[{ outcome: 'posted' }]]);
  expect(await next?.post([[post(me, other, 1n)]])).toMatchObject([[{ outcome: 'posted' }]]);
  opened.splice(opened.indexOf(ledger), 1);
});
