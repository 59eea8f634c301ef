import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accountId } from '../../src/features/books/chart.ts';
import type { Person } from '../../src/features/people/person.ts';
import { createClosing, setAccountState, whileOpenInBooks } from '../../src/features/people/set-account-state.ts';
import { fromPublicId, uuid } from '../../src/kernel/ids.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { type Api, yuan } from '../support/api.ts';
import { decide, until } from '../support/breaks.ts';
import { personOf } from '../support/people.ts';
import { sampleCard, samplePerson } from '../support/samples.ts';
import { asOwner, expectBooksEqual } from '../support/told.ts';
import { bindCard, move, openVerified, startWallet, type TestWallet } from '../support/wallet.ts';

/** Two processes at one closed account: one closes it in the books, the other pays out what is left in it. */

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
}, 60_000);
afterEach(async () => {
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
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
async function row(): Promise<{ closed_in_books: boolean; left_minor: bigint }> {
  const found = await wallet.app.ground.database.pool.query(
    'select closed_in_books, left_minor from person where id = $1',
    [person.id],
  );
  return found.rows[0] as { closed_in_books: boolean; left_minor: bigint };
}
async function closedWith(amount: string): Promise<void> {
  await setAccountState(wallet.app.ground, person.id, { state: 'normal' });
  await move(api, 'top_up', { cardId, amount: yuan(amount) });
  await setAccountState(wallet.app.ground, person.id, closed);
}

/** Another process, which stops after it has read this account for the nth time. */
function stoppingAfterRead(nth: number) {
  const { ground } = wallet.app;
  const reading = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  let reads = 0;
  const ledger: Ledger = {
    ...ground.ledger,
    account: async (id) => {
      const found = await ground.ledger.account(id);
      if (id !== account()) return found;
      reads += 1;
      if (reads === nth) {
        reading.resolve();
        await going.promise;
      }
      return found;
    },
  };
  return { ground: { ...ground, ledger }, hasRead: reading.promise, go: going.resolve };
}

/** This process' own job leaves the account alone until the other one has begun. */
async function begunByOther(nth: number) {
  const other = stoppingAfterRead(nth);
  await asOwner(wallet, (client) =>
    client.query('update person set closed_in_books = false where id = $1', [person.id]),
  );
  const finished = createClosing(other.ground).finish(10);
  await other.hasRead;
  return { ...other, finished };
}

test.each([1, 2])('what is held after the job has read the account %i times is paid', async (nth) => {
  await closedWith('9.00');
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'lose_answer', only: ['credits', 'queries'] });
  const other = await begunByOther(nth);
  await decide(wallet, person.id, 'left', 'paid_out', { cardId: uuid(fromPublicId('card', cardId) ?? '') });
  await until(async () => (await inBooks()).debitsPending > 0n, 'a hold');
  other.go();
  await other.finished;
  expect(await inBooks()).toMatchObject({ closed: false, frozen: true, debitsPending: 900n });
  expect(await row()).toEqual({ closed_in_books: false, left_minor: 0n });
  await wallet.sandbox.setBehaviour(card.bankCode, { mode: 'normal' });
  await until(async () => (await row()).closed_in_books, 'the end of it');
  const found = await inBooks();
  expect(found).toMatchObject({ closed: true, frozen: true, debitsPending: 0n });
  expect([found.creditsPosted - found.debitsPosted, (await row()).left_minor]).toEqual([0n, 0n]);
  await expectBooksEqual(wallet);
}, 60_000);

test('one that was opened, and left open by a process that died, is not called closed by one that began before', async () => {
  await closedWith('9.00');
  const { ground } = wallet.app;
  // Nothing but what this test does closes or opens it.
  const other = stoppingAfterRead(2);
  const closing = setAccountState(other.ground, person.id, closed);
  await other.hasRead;
  const died = new Error('the process dies here');
  let isOpen = false;
  const dying: Ledger = {
    ...ground.ledger,
    setAccountState: async (id, state) => {
      if (isOpen) throw died;
      await ground.ledger.setAccountState(id, state);
    },
  };
  const opened = whileOpenInBooks({ ...ground, ledger: dying }, person.id, async () => {
    isOpen = true;
  });
  await expect(opened).rejects.toThrow(died);
  other.go();
  await closing;
  await until(async () => (await row()).closed_in_books, 'a closed account');
  expect(await inBooks()).toMatchObject({ closed: true, frozen: true });
  expect((await row()).left_minor).toBeGreaterThanOrEqual(900n);
}, 60_000);

test('one that is opened and closed again while it is being closed is closed', async () => {
  const { ground } = wallet.app;
  let times = 0;
  const during: Ledger = {
    ...ground.ledger,
    // Opened again after the closing; while that is being put right, it is closed for good.
    setAccountState: async (id, state) => {
      times += 1;
      if (times === 2) await setAccountState(ground, person.id, { state: 'normal' });
      if (times === 4) await setAccountState(ground, person.id, closed);
      await ground.ledger.setAccountState(id, state);
    },
  };
  await setAccountState(ground, person.id, { state: 'normal' });
  await setAccountState({ ...ground, ledger: during }, person.id, closed);
  expect(times).toBeGreaterThan(3);
  await until(async () => (await inBooks()).closed, 'a closed account');
  expect(await row()).toMatchObject({ closed_in_books: true });
}, 60_000);
