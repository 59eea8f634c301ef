import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { createClosing, setAccountState } from '../../src/features/people/set-account-state.ts';
import { addMs, minuteMs, secondMs } from '../../src/kernel/clock.ts';
import { uuid, type Uuid } from '../../src/kernel/ids.ts';
import { openOperatorRoom, openOperators, type OperatorRoom, type Operators } from '../support/operator-room.ts';
import { personOf } from '../support/people.ts';
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

/** Of whom the ledger knows nothing, and who comes before everybody else. */
async function writeLost(nth: number, state: 'frozen' | 'closed'): Promise<Uuid> {
  const id = uuid(`00000000-0000-7000-8000-00000000000${nth}`);
  await query(
    `insert into person (id, phone_digest, phone_sealed, phone_masked, language, account_state, account_cause,
       balance_account, created_at, in_books)
     values ($1, decode(repeat('a' || $2, 32), 'hex'), '\\x00', '+86 1', 'en', $3, 'account.' || $3, 99000000 + $2::int, now(), false)`,
    [id, String(nth), state],
  );
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
});

test('nor at the start of a wallet', async () => {
  await writeLost(3, 'frozen');
  const { ground } = wallet.app;
  const { ledger } = ground;
  const { setAccountState: set } = ledger;
  ledger.setAccountState = () => Promise.reject(new Error('the wallet is gone'));
  await query(
    `update person set account_state = 'frozen', account_cause = 'account.frozen_security', in_books = false,
      account_by = 'wallet', account_decision = null
    where id = $1`,
    [person.id],
  );
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
