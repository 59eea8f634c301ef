import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { Database } from '../../database/database.ts';
import type { AccountId, Ledger } from '../../ledger/ledger.ts';
import { accountId } from '../books/chart.ts';
import { loadPerson } from './person.ts';

type NewState =
  | { state: 'normal' }
  | { state: 'frozen' | 'limited' | 'closed'; cause: CauseCode; reviewAt: Date | null };

type AccountDependencies = { database: Database; ledger: Ledger };

/**
 * Freezes or closes an account for a cause that its person is told, or lifts it. A stop comes to the person's row first,
 * so that nothing new begins, and then to the ledger, which refuses what was on its way; it is lifted the other way
 * round. A process that dies between the two leaves a stop that everybody sees, never one that nobody knows of.
 */
export async function setAccountState(deps: AccountDependencies, personId: Uuid, state: NewState): Promise<void> {
  const person = await loadPerson(deps.database.kysely, personId);
  const account = accountId(person.balanceAccount);
  const stops = state.state === 'frozen' || state.state === 'closed';
  if (!stops) {
    await announceOpening(deps.database, personId);
    await deps.ledger.setAccountState(account, { frozen: false, closed: false });
  }
  await writeState(deps.database, personId, state);
  if (stops) await deps.ledger.setAccountState(account, { frozen: true });
  if (state.state === 'closed') await closeInBooks(deps, { id: personId, account });
}

type Closing = { id: Uuid; account: AccountId };

/**
 * Brings the books to what the person's row says, which is mostly that the account is closed. It goes round again when
 * the row was written meanwhile: what came last is what counts.
 */
async function closeInBooks(deps: AccountDependencies, closing: Closing): Promise<void> {
  const { database, ledger } = deps;
  for (;;) {
    const { state, version } = await readVersion(database, closing.id);
    if (state === 'closed') {
      if (await closeOnce(deps, closing, version)) return;
      continue;
    }
    // Opened again in this very moment, or frozen.
    await ledger.setAccountState(closing.account, { frozen: state === 'frozen', closed: false });
    if ((await readVersion(database, closing.id)).version === version) return;
  }
}

/**
 * What a bank may be paying out already has to be taken from the account, which a closed one would not allow. Frozen, it
 * takes no new hold; when the last one has ended, it is closed. What it still holds then is left, for people to pay out.
 *
 * Two processes may do this at once, and a third may open the account meanwhile to hold what is left in it. So:
 * - What is pending is read again once the account is closed. No hold comes after that, and one that came before it is
 *   seen: then it is opened again, frozen, and the hold can be taken. Who takes it in between is refused, and tries again.
 * - `closed_in_books` is written only to the row that was read before all this. Whoever opens an account in the books
 *   writes to the row first, so that a closing that began before it is not called one.
 * - Until then the row says that it is not closed in the books: a process that dies after any line leaves it to the job.
 * Nothing is ever pending towards a wallet's account: `creditsPending` needs no such care.
 */
async function closeOnce({ database, ledger }: AccountDependencies, closing: Closing, version: string) {
  const { id, account } = closing;
  // Frozen again: who died before that was done has left an account that could take a new hold at any moment.
  await ledger.setAccountState(account, { frozen: true });
  let found = await readAccount(ledger, account);
  if (found.debitsPending === 0n) {
    await ledger.setAccountState(account, { frozen: true, closed: true });
    found = await readAccount(ledger, account);
  }
  if (found.closed && found.debitsPending > 0n) {
    await announceOpening(database, id);
    await ledger.setAccountState(account, { closed: false });
    return false;
  }
  const left = found.closed ? found.creditsPosted - found.debitsPosted : 0n;
  const written = await sql`
    update person set closed_in_books = ${found.closed}, left_minor = ${left}
    where id = ${id} and account_state = 'closed' and xmin::text = ${version}`.execute(database.kysely);
  return written.numAffectedRows !== 0n;
}

async function readAccount(ledger: Ledger, account: AccountId) {
  const found = await ledger.account(account);
  assert(found, 'a wallet has an account');
  return found;
}

/** The version of the row is another one after every write to it, also one that changes nothing. */
async function readVersion(database: Database, id: Uuid): Promise<{ state: string; version: string }> {
  const { rows } = await sql<{ state: string; version: string }>`
    select account_state as state, xmin::text as version from person where id = ${id}`.execute(database.kysely);
  assert(rows[0], 'a wallet that is closed has its person');
  return rows[0];
}

/** Comes before a closed account is opened in the books: who dies after it leaves one that the job closes. */
async function announceOpening(database: Database, id: Uuid): Promise<void> {
  await sql`
    update person set closed_in_books = false, left_minor = 0
    where id = ${id} and account_state = 'closed'`.execute(database.kysely);
}

/**
 * Opens a closed account in the books for as long as `work` lasts, so that what is left in it can go to its owner. Who
 * dies meanwhile leaves one that the job closes. For its person it stays closed.
 */
export async function whileOpenInBooks<T>(
  deps: AccountDependencies,
  personId: Uuid,
  work: () => Promise<T>,
): Promise<T> {
  const { balanceAccount, accountState } = await loadPerson(deps.database.kysely, personId);
  if (accountState !== 'closed') return work();
  const account = accountId(balanceAccount);
  await announceOpening(deps.database, personId);
  await deps.ledger.setAccountState(account, { frozen: false, closed: false });
  try {
    return await work();
  } finally {
    await closeInBooks(deps, { id: personId, account });
  }
}

/**
 * Closes in the books what could not be closed at once. For a job; each hand goes on where the last one ended, so that
 * accounts which a bank keeps waiting for long keep none of the others waiting.
 */
export function createClosing(deps: AccountDependencies): { finish: (limit: number) => Promise<number> } {
  let after = FIRST_ID;
  return {
    async finish(limit) {
      const found = await sql<{ id: string; balance_account: bigint }>`
        select id, balance_account from person
        where account_state = 'closed' and not closed_in_books and id > ${after}
        order by id limit ${limit}`.execute(deps.database.kysely);
      for (const { id, balance_account: number } of found.rows) {
        await closeInBooks(deps, { id: uuid(id), account: accountId(number) });
      }
      const last = found.rows.at(-1);
      after = last && found.rows.length === limit ? uuid(last.id) : FIRST_ID;
      return 0;
    },
  };
}
const FIRST_ID = uuid('00000000-0000-0000-0000-000000000000');

async function writeState(database: Database, personId: Uuid, state: NewState): Promise<void> {
  const cause = state.state === 'normal' ? null : state.cause;
  const reviewAt = state.state === 'normal' ? null : state.reviewAt;
  await sql`
    update person set account_state = ${state.state}, account_cause = ${cause}, account_review_at = ${reviewAt},
      closed_in_books = false, left_minor = 0
    where id = ${personId}`.execute(database.kysely);
}
