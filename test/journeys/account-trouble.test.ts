import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId } from '../../src/features/books/chart.ts';
import { compareBooks } from '../../src/features/people/compare-books.ts';
import type { Person } from '../../src/features/people/person.ts';
import { createClosing } from '../../src/features/people/change-account.ts';
import { addMs, minuteMs, secondMs } from '../../src/kernel/clock.ts';
import { toPublicId, uuid, type Uuid } from '../../src/kernel/ids.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { samplePerson, wen } from '../support/samples.ts';
import { asOwner } from '../support/told.ts';
import { until } from '../support/until.ts';
import { openVerified, openWallet, startWallet, type TestWallet } from '../support/wallet.ts';

/** Something is wrong with one account, or with one process: all others are stopped as they have to be. */

let wallet: TestWallet;
let room: OperatorRoom;
let operators: Operators;
let person: Person;
const chen = samplePerson('陈志强');
const because = ['--because', 'came to the counter with the ID card'];

beforeAll(async () => {
  wallet = await startWallet();
  room = await openOperatorRoom(wallet);
  operators = await openOperators(room, ['zhang', 'li', 'wang']);
  await openVerified(wallet, chen);
  person = await personOf(wallet, chen.phone);
});
afterAll(async () => {
  await wallet.close();
  await room.close();
});

const inBooks = async () => {
  const found = await wallet.app.ground.ledger.account(accountId(person.balanceAccount));
  if (!found) throw new Error('no account');
  return found;
};
const query = async (text: string, values: readonly unknown[] = []) =>
  (await asOwner(wallet, (client) => client.query(text, [...values]))).rows;

/** In the rows alone, by the wallet. */
const stopInRow = (id: Uuid, state: 'frozen' | 'closed') =>
  query(
    `insert into account_stop (id, person_id, state, cause, set_by)
     values (gen_random_uuid(), $1, $2, case $2 when 'closed' then 'account.closed' else 'account.frozen_security' end, 'wallet')`,
    [id, state],
  );

/** Of whom the ledger knows nothing, and who comes before everybody else. */
async function writeLost(nth: number, state: 'frozen' | 'closed'): Promise<Uuid> {
  const id = uuid(`00000000-0000-7000-8000-00000000000${nth}`);
  await query(
    `insert into person (id, phone_digest, phone_sealed, phone_masked, language, balance_account, created_at)
     values ($1, decode(repeat('a' || $2, 32), 'hex'), '\\x00', '+86 1', 'en', 99000000 + $2::int, now())`,
    [id, String(nth)],
  );
  await stopInRow(id, state);
  return id;
}

test('one account that the ledger does not know keeps no other from being stopped, nor from being closed', async () => {
  const lost = [await writeLost(1, 'frozen'), await writeLost(2, 'closed')];
  const said = await operators.account('zhang', 'freeze', chen.phone, '--security', ...because);
  expect(said).toContain('from now on nothing leaves it');
  expect(await inBooks()).toMatchObject({ frozen: true });
  await operators.account('zhang', 'close', chen.phone, ...because);
  await operators.account('li', 'confirm', chen.phone, '--close', ...because);
  await query('update person set in_books = false where id = $1', [person.id]);
  await until(
    async () => (await query('select 1 from person where in_books and id = $1', [person.id])).length > 0,
    'a closed account in the books',
  );
  expect(await inBooks()).toMatchObject({ closed: true });
  for (const id of lost) expect(wallet.said.find((sentence) => sentence.includes(id))).toBeDefined();
  await operators.account('zhang', 'reopen', chen.phone, ...because);
  await operators.account('li', 'confirm', chen.phone, '--reopen', ...because);
  // The freeze that was there before the closing.
  await operators.account('zhang', 'lift', chen.phone, ...because);
  await operators.account('li', 'confirm', chen.phone, '--lift', ...because);
});

test('nor at the start of a wallet', async () => {
  await writeLost(3, 'frozen');
  const { ground } = wallet.app;
  const { ledger } = ground;
  const { setAccountState: set } = ledger;
  ledger.setAccountState = () => Promise.reject(new Error('the wallet is gone'));
  await stopInRow(person.id, 'frozen');
  const beside = await wallet.startBeside();
  expect(await inBooks()).toMatchObject({ frozen: true });
  await beside.app.close();
  ledger.setAccountState = set;
  await setAccountState(ground, person.id, { state: 'normal' });
});

test('it is told once in a while, however often it is tried', async () => {
  const id = await writeLost(5, 'closed');
  const faults: string[] = [];
  const onFault = (_error: unknown, where: string) => void (where.includes(id) && faults.push(where));
  let now = new Date();
  const clock = { ...wallet.app.ground.clock, now: () => now };
  const closing = createClosing({ ...wallet.app.ground, clock, onFault });
  // The wallet's own job may have the turn.
  const told = (times: number) => async () => {
    await closing.finish(100);
    return faults.length >= times;
  };
  await until(told(1), 'a fault');
  for (let round = 0; round < 3; round += 1) await closing.finish(100);
  expect(faults).toHaveLength(1);
  now = addMs(now, minuteMs);
  await until(told(2), 'another word of it');
});

test('what cannot be stopped in time at the start is left to the job, and told', async () => {
  await writeLost(4, 'frozen');
  const faults: string[] = [];
  const onFault = (error: unknown, where: string) => faults.push(`${where}: ${String(error)}`);
  await createClosing({ ...wallet.app.ground, onFault }).stopAll(-secondMs);
  expect(faults).toEqual([expect.stringContaining('accounts that were stopped')]);
});

test('nobody is written down before their account is there, wherever the process dies', async () => {
  const { ledger } = wallet.app.ground;
  const { createAccounts } = ledger;
  const known = async () => Number((await query('select count(*) from person'))[0]?.['count']);
  const before = await known();
  let knownThen: number | undefined;
  ledger.createAccounts = async (accounts) => {
    ledger.createAccounts = createAccounts;
    knownThen = await known();
    await createAccounts(accounts);
    throw new Error('the process dies here');
  };
  const api = await openWallet(wallet, wen.phone);
  expect(knownThen).toBe(before);
  expect(await api.get('/v1/me')).toMatchObject({ accountState: 'normal' });
  const { balanceAccount } = await personOf(wallet, wen.phone);
  expect(await ledger.account(accountId(balanceAccount))).toMatchObject({ frozen: false, closed: false });
});

/** Others wait for the turn at this account meanwhile, and the jobs go on without. */
async function holdTurn(personId: Uuid, work: () => Promise<void>): Promise<void> {
  await wallet.app.ground.database.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`account ${personId}`}, 0))`.execute(tx);
    await work();
  });
}
async function figure(name: string): Promise<number> {
  const text = await (await fetch(`${wallet.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );
}

const stopOf = (state: 'frozen' | 'closed') =>
  ({
    state,
    cause: state === 'closed' ? 'account.closed' : 'account.frozen_security',
    reviewAt: null,
  }) as const;

/** What each process does once a minute. */
const compare = () => wallet.app.wallet.tasks.find(({ name }) => name === 'accounts-compared')?.run();
const state = async ({ id, balanceAccount }: Person) => {
  const [row] = await query('select account_state, in_books from person where id = $1', [id]);
  const found = await wallet.app.ground.ledger.account(accountId(balanceAccount));
  return { state: row?.['account_state'], inBooks: row?.['in_books'], frozen: found?.frozen, closed: found?.closed };
};

test('who lost the turn and writes into the ledger all the same is found: what was frozen since is frozen there again', async () => {
  const { ledger } = wallet.app.ground;
  const { setAccountState: set } = ledger;
  await operators.account('zhang', 'freeze', chen.phone, '--security', ...because);
  await operators.account('zhang', 'lift', chen.phone, ...because);
  // The wallet is about to lift it in the ledger, has asked for the turn, and stands still.
  const lifting = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  let late: Promise<void> | undefined;
  ledger.setAccountState = async (of, to) => {
    if (late || to.frozen !== false) return set(of, to);
    late = going.promise.then(() => set(of, to));
    lifting.resolve();
    return late;
  };
  const confirming = operators.account('li', 'confirm', chen.phone, '--lift', ...because);
  await lifting.promise;
  await loseTurn(person.id);
  const order = ['--by-law', '--authority', 'Pudong court', '--because', 'order 2026-115 of 22 Nov, scanned'];
  expect(await operators.account('wang', 'freeze', chen.phone, ...order)).toContain('from now on nothing leaves it');
  going.resolve();
  await late;
  ledger.setAccountState = set;
  expect(await confirming).toContain('Not carried out, the account was changed since');
  await compare();
  await until(async () => (await state(person)).frozen === true, 'a frozen account');
  await until(async () => (await state(person)).inBooks === true, 'a row that knows it');
  expect(wallet.said.find((each) => each.includes('frozen in its row, open in the ledger'))).toContain(person.id);
});

/** The database takes it from who stands still too long. */
async function loseTurn(personId: Uuid): Promise<void> {
  const client = new pg.Client({ connectionString: wallet.database.connectionString });
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
       and database = (select oid from pg_database where datname = current_database())
       and ((classid::bigint << 32) | objid::bigint) = hashtextextended('account ' || $1, 0)`,
    [personId],
  );
  await client.end();
}

test.each([
  ['normal', { frozen: true, closed: false }],
  ['frozen', { frozen: false, closed: false }],
  ['frozen', { frozen: true, closed: true }],
  ['closed', { frozen: true, closed: false }],
] as const)('one that is %s in its row, and %o in the ledger, is brought there, in hands of any size', async (is, flags) => {
  const { ground } = wallet.app;
  const its = await personOf(wallet, wen.phone);
  // The wallet itself may find it first, once in a minute.
  const before = wallet.said.length;
  await setAccountState(ground, its.id, { state: 'normal' });
  if (is !== 'normal') await setAccountState(ground, its.id, stopOf(is));
  const faults: string[] = [];
  const onFault = (_error: unknown, where: string) => void faults.push(where);
  const compared = () => operators.account(undefined, 'compare');
  const inLedger = flags.closed ? 'closed' : flags.frozen ? 'frozen' : 'open';
  const line = `${toPublicId('acc', its.id)}  ${is === 'normal' ? 'open' : is} here, ${inLedger} in the ledger`;
  expect((await compared()).split('Found and put right')[0]).not.toContain(toPublicId('acc', its.id));
  const name = `purser_accounts_not_in_ledger{state="${is === 'closed' ? 'closing' : 'stopping'}"}`;
  const others = await figure(name);
  const found = await figure('purser_account_differences_total');
  // Nothing brings it there while it is looked at.
  await holdTurn(its.id, async () => {
    await ground.ledger.setAccountState(accountId(its.balanceAccount), flags);
    expect(await compared()).toContain(line);
    expect(await operators.account(undefined, 'list')).toMatch(/\nIn the ledger otherwise than here: \d+\. See: /);
    await compareBooks({ ...ground, onFault }, { hand: 1 });
    expect(await compared()).toContain(`${line}; on its way there`);
    expect(await figure(name)).toBe(others + 1);
  });
  expect(await figure('purser_account_differences_total')).toBe(found + 1);
  expect([...faults, ...wallet.said.slice(before)].join()).toContain(`the account of ${its.id}`);
  const stop = is !== 'normal';
  await until(async () => (await state(its)).inBooks === true, 'a row that knows it');
  expect(await state(its)).toEqual({ state: is, inBooks: true, frozen: stop, closed: is === 'closed' });
  expect(await compareBooks({ ...ground, onFault })).toBe(0);
  const after = await compared();
  expect(after).toMatch(/^ {2}acc_\w+ {2}frozen here, missing in the ledger; on its way there$/m);
  expect(after).toMatch(new RegExp(`Found and put right before: .* The last of them:\\n.*${line}`));
});
