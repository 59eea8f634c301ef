import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accountId } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { changeAccount, createClosing, whileOpenInBooks } from '../../src/features/people/change-account.ts';
import { readDecisions } from '../../src/features/review/decisions.ts';
import { fromPublicId, uuid } from '../../src/kernel/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Api, yuan } from '../support/api.ts';
import { decide, untilCarriedOut } from '../support/breaks.ts';
import { personOf, setAccountState } from '../support/people.ts';
import { sampleCard, samplePerson } from '../support/samples.ts';
import { asOwner, expectBooksEqual } from '../support/told.ts';
import { until } from '../support/until.ts';
import { bindCard, move, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/** Several processes at one account: each has its turn in the ledger, and the row says what has to be there. */

let wallet: TestWallet;
let api: Api;
let cardId: string;
let person: Person;
const chen = samplePerson('陈志强');
const card = sampleCard(chen);

beforeAll(async () => {
  wallet = await startWallet();
  api = await openVerified(wallet, chen);
  cardId = await bindCard(wallet, api, card);
  person = await personOf(wallet, chen.phone);
});
afterEach(async () => {
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  await untilCarriedOut(wallet);
});
afterAll(async () => {
  await wallet.close();
});

const closed = { state: 'closed', cause: 'account.closed', reviewAt: null } as const;
const account = () => accountId(person.balanceAccount);
const inBooks = async () => {
  const found = await wallet.app.ground.ledger.account(account());
  if (!found) throw new Error('no account');
  return found;
};
async function row(): Promise<{ in_books: boolean; left_minor: bigint }> {
  const found = await wallet.app.ground.database.pool.query('select in_books, left_minor from person where id = $1', [
    person.id,
  ]);
  return found.rows[0] as { in_books: boolean; left_minor: bigint };
}
async function closedWith(amount: string): Promise<void> {
  await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  await move(api, 'top_up', { cardId, amount: yuan(amount) });
  await setAccountState(wallet.app.ground, person.id, closed);
}

/** Another process, which stands still before or after the ledger heard from it for the nth time, until it goes on. */
function standingStill(at: 'account' | 'setAccountState', nth = 1) {
  const { ground } = wallet.app;
  const there = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  let times = 0;
  let isDead = false;
  const stop = async (id: unknown, which: typeof at) => {
    if (isDead) throw died;
    if (id !== account() || which !== at) return;
    times += 1;
    if (times !== nth) return;
    there.resolve();
    await going.promise;
    if (isDead) throw died;
  };
  const ledger: Ledger = {
    ...ground.ledger,
    account: async (id) => {
      const found = await ground.ledger.account(id);
      await stop(id, 'account');
      return found;
    },
    setAccountState: async (id, state) => {
      await stop(id, 'setAccountState');
      await ground.ledger.setAccountState(id, state);
      if (times === nth && isDying) {
        isDead = true;
        throw died;
      }
    },
  };
  let isDying = false;
  const dieBefore = () => {
    isDead = true;
    going.resolve();
  };
  /** It goes on with what it was about to do, and does nothing after it. */
  const goOnAndDie = () => {
    isDying = true;
    going.resolve();
  };
  return {
    ground: { ...ground, ledger },
    stands: there.promise,
    dieBefore,
    hasStood: () => times >= nth,
    goOn: going.resolve,
    goOnAndDie,
  };
}
const died = new Error('the process dies here');

/** Somebody waits for the turn at an account. */
const someoneWaits = async (): Promise<boolean> => {
  const text = `select 1 from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`;
  return (await asOwner(wallet, (client) => client.query(text))).rows.length > 0;
};
const waitOrEnd = (work: Promise<unknown>) =>
  Promise.race([work, until(someoneWaits, 'waiting for a turn')]).catch(() => undefined);

/** In the end the ledger refuses what the row says, and the row knows it. */
async function expectAgreement(): Promise<void> {
  await until(async () => (await row()).in_books, 'a row that is in the books');
  const { accountState } = await personOf(wallet, chen.phone);
  const { frozen, closed: isClosed } = await inBooks();
  expect({ accountState, frozen, isClosed }).toEqual({
    accountState,
    frozen: accountState === 'frozen' || accountState === 'closed',
    isClosed: accountState === 'closed',
  });
}

/** Its job, once it has the turn: this process' own job may have it first. */
async function closedByJob(
  { ground, hasStood }: ReturnType<typeof standingStill>,
  onFault = ground.onFault,
): Promise<void> {
  while (!hasStood()) {
    await asOwner(wallet, (client) => client.query('update person set in_books = false where id = $1', [person.id]));
    await createClosing({ ...ground, onFault }).finish(10);
  }
}

test.each([1, 2])('what two people pay out while another process closes, at its reading %i, is paid', async (nth) => {
  await closedWith('9.00');
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'lose_answer', only: ['credits', 'queries'] });
  const other = standingStill('account', nth);
  const closing = closedByJob(other);
  await other.stands;
  await decide(wallet, person.id, 'left', 'paid_out', { cardId: uuid(fromPublicId('card', cardId) ?? '') });
  await until(async () => (await someoneWaits()) || (await inBooks()).debitsPending > 0n, 'a payment that begins');
  other.goOn();
  await closing;
  await until(async () => (await inBooks()).debitsPending > 0n, 'a hold');
  await until(async () => (await inBooks()).frozen, 'a frozen account');
  expect(await inBooks()).toMatchObject({ closed: false, frozen: true, debitsPending: 900n });
  expect(await row()).toEqual({ in_books: false, left_minor: 0n });
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  await expectAgreement();
  const found = await inBooks();
  expect(found).toMatchObject({ closed: true, frozen: true, debitsPending: 0n });
  expect([found.creditsPosted - found.debitsPosted, (await row()).left_minor]).toEqual([0n, 0n]);
  const decisions = () => readDecisions(wallet.app.ground.database, person.id);
  await until(async () => (await decisions()).every(({ isBooked }) => isBooked), 'the end of the case');
  await expectBooksEqual(wallet);
});

test('one that opens it, stands still for longer than a whole closing and then dies leaves it closed', async () => {
  await closedWith('9.00');
  const other = standingStill('setAccountState');
  const opening = whileOpenInBooks(other.ground, person.id, async () => undefined);
  const ended = expect(opening).rejects.toThrow(died);
  await other.stands;
  const closing = setAccountState(wallet.app.ground, person.id, closed);
  await waitOrEnd(closing);
  other.goOnAndDie();
  await ended;
  await closing;
  await expectAgreement();
  expect((await row()).left_minor).toBeGreaterThanOrEqual(900n);
});

test('one that has stood still until the database took its turn away writes nothing into the ledger', async () => {
  await closedWith('9.00');
  const other = standingStill('account');
  // It is about to close: frozen, nothing pending. Meanwhile it loses its session, and the account is opened again.
  const faults: string[] = [];
  const closing = closedByJob(other, (_error, where) => faults.push(where));
  await other.stands;
  const client = new pg.Client({ connectionString: wallet.database.connectionString });
  await client.connect();
  await client.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database())`);
  await client.end();
  await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  other.goOn();
  await closing;
  expect(faults).toEqual([expect.stringContaining(person.id)]);
  await expectAgreement();
  expect(await inBooks()).toMatchObject({ closed: false, frozen: false });
});

const frozen = { state: 'frozen', cause: 'account.frozen_takeover', reviewAt: null } as const;
const security = { state: 'frozen', cause: 'account.frozen_security', reviewAt: null } as const;
type Work = (ground: TestWallet['app']['ground']) => Promise<unknown>;
test.each<[string, Parameters<typeof setAccountState>[2], Work, number]>([
  ['freezes', { state: 'normal' }, (ground) => setAccountState(ground, person.id, frozen), 1],
  ['lifts', frozen, (ground) => setAccountState(ground, person.id, { state: 'normal' }), 1],
  ['closes', { state: 'normal' }, (ground) => setAccountState(ground, person.id, closed), 1],
  ['closes', { state: 'normal' }, (ground) => setAccountState(ground, person.id, closed), 2],
  ['opens it in the books', closed, (ground) => whileOpenInBooks(ground, person.id, async () => undefined), 1],
  ['closes it in the books again', closed, (ground) => whileOpenInBooks(ground, person.id, async () => undefined), 2],
])('who %s and dies then leaves it to the job', async (_what, before, work, nth) => {
  for (const end of ['dieBefore', 'goOnAndDie'] as const) {
    await setAccountState(wallet.app.ground, person.id, before);
    const other = standingStill('setAccountState', nth);
    const ended = work(other.ground).catch((error: unknown) => error);
    // The job of this process may have the turn first, and leave it nothing to do.
    await Promise.race([other.stands, ended]);
    other[end]();
    expect([died, undefined]).toContain(await ended);
    await expectAgreement();
  }
});

test('a freeze at the very moment of a lift stays, in the row and in the ledger', async () => {
  await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  await setAccountState(wallet.app.ground, person.id, security);
  const other = standingStill('setAccountState');
  const lifting = changeAccount(other.ground, person.id, { lift: ({ cause }) => cause === security.cause });
  await other.stands;
  const freezing = setAccountState(wallet.app.ground, person.id, frozen);
  await waitOrEnd(freezing);
  other.goOn();
  // The one that it was about is lifted, and nothing is open in between.
  expect(await lifting).toBe(true);
  await freezing;
  expect(await personOf(wallet, chen.phone)).toMatchObject({ accountState: 'frozen', accountCause: frozen.cause });
  await expectAgreement();
});

test('nor does a lift that holds for one stop alone open an account that is stopped once more in that moment', async () => {
  await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  await setAccountState(wallet.app.ground, person.id, security);
  const other = standingStill('setAccountState');
  const lifting = changeAccount(other.ground, person.id, {
    lift: ({ cause }) => cause === security.cause,
    when: ({ stops }) => stops.length === 1,
  });
  await other.stands;
  const freezing = setAccountState(wallet.app.ground, person.id, frozen);
  await waitOrEnd(freezing);
  other.goOn();
  expect(await lifting).toBe(false);
  await freezing;
  expect(await personOf(wallet, chen.phone)).toMatchObject({ accountState: 'frozen' });
  await expectAgreement();
});

test('who opens a closed account that was frozen before, and dies then, leaves it frozen to the job', async () => {
  for (const end of ['dieBefore', 'goOnAndDie'] as const) {
    await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
    await setAccountState(wallet.app.ground, person.id, security);
    await setAccountState(wallet.app.ground, person.id, closed);
    const other = standingStill('setAccountState');
    const ended = changeAccount(other.ground, person.id, { lift: ({ state }) => state === 'closed' }).catch(() => died);
    // The job of this process may have the turn first, and leave it nothing to do.
    await Promise.race([other.stands, ended]);
    other[end]();
    expect([died, true]).toContain(await ended);
    await expectAgreement();
    expect(await inBooks()).toMatchObject({ frozen: true, closed: false });
    expect(await personOf(wallet, chen.phone)).toMatchObject({ accountCause: security.cause });
  }
});

test('one that is opened, and frozen, while it is being closed in the books is frozen there', async () => {
  await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  const other = standingStill('setAccountState', 2);
  const closing = setAccountState(other.ground, person.id, closed);
  await Promise.race([other.stands, closing]);
  const opening = setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  await waitOrEnd(opening);
  other.goOn();
  await Promise.all([closing, opening]);
  await setAccountState(wallet.app.ground, person.id, frozen);
  await expectAgreement();
  expect(await inBooks()).toMatchObject({ frozen: true, closed: false });
});

test('however many change it at once, from two processes: the ledger and the row agree, and every change is written down', async () => {
  const beside = await wallet.startBeside();
  const grounds = [wallet.app.ground, beside.app.ground];
  const states = [{ state: 'normal' }, closed, security, frozen] as const;
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(
      grounds.flatMap((ground) => [
        ...states.map((state) => setAccountState(ground, person.id, state)),
        whileOpenInBooks(ground, person.id, async () => undefined),
      ]),
    );
    await expectAgreement();
  }
  const { rows } = await asOwner(wallet, (client) =>
    client.query('select state, cause from account_act where person_id = $1 order by seq desc limit 1', [person.id]),
  );
  const { accountState: state, accountCause: cause } = await personOf(wallet, chen.phone);
  expect(rows).toEqual([{ state, cause }]);
  await beside.app.close();
});
