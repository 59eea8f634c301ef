import { sql } from 'kysely';
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
  if (!stops) await deps.ledger.setAccountState(account, { frozen: false, closed: false });
  await writeState(deps.database, personId, state);
  if (stops) await deps.ledger.setAccountState(account, { frozen: true });
  if (state.state === 'closed') await closeInBooks(deps, { id: personId, account });
}

type Closing = { id: Uuid; account: AccountId };

/**
 * What a bank may be paying out already has to be taken from the account, which a closed one would not allow. Frozen, it
 * takes no new hold; when the last one has ended, it is closed. What it still holds then is left, for people to pay out.
 */
async function closeInBooks({ database, ledger }: AccountDependencies, { id, account }: Closing): Promise<void> {
  // Frozen again: who died before that was done has left an account that could take a new hold at any moment.
  await ledger.setAccountState(account, { frozen: true });
  const isClosing = (await ledger.account(account))?.debitsPending !== 0n;
  if (!isClosing) await ledger.setAccountState(account, { frozen: true, closed: true });
  const closed = await ledger.account(account);
  const left = isClosing || !closed ? 0n : closed.creditsPosted - closed.debitsPosted;
  const written = await sql`
    update person set closed_in_books = ${!isClosing}, left_minor = ${left}
    where id = ${id} and account_state = 'closed'`.execute(database.kysely);
  if (written.numAffectedRows !== 0n) return;
  // Opened again in this very moment, or frozen: what came last is what counts.
  const { accountState } = await loadPerson(database.kysely, id);
  await ledger.setAccountState(account, { frozen: accountState === 'frozen', closed: false });
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
  await sql`
    update person set closed_in_books = false, left_minor = 0
    where id = ${personId} and account_state = 'closed'`.execute(deps.database.kysely);
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
