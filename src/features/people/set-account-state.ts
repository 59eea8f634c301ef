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

/**
 * What a bank may be paying out already has to be taken from the account, which a closed one would not allow. Frozen, it
 * takes no new hold; when the last one has ended, it is closed.
 */
async function closeInBooks(
  { database, ledger }: AccountDependencies,
  { id, account }: { id: Uuid; account: AccountId },
): Promise<void> {
  // Frozen again: who died before that was done has left an account that could take a new hold at any moment.
  await ledger.setAccountState(account, { frozen: true });
  const isClosing = (await ledger.account(account))?.debitsPending !== 0n;
  if (!isClosing) await ledger.setAccountState(account, { frozen: true, closed: true });
  const written = await sql`
    update person set closed_in_books = ${!isClosing} where id = ${id} and account_state = 'closed'`.execute(
    database.kysely,
  );
  // Opened again in this very moment: what came last is what counts.
  if (written.numAffectedRows === 0n) await ledger.setAccountState(account, { frozen: false, closed: false });
}

/** Closes in the books what could not be closed at once. For a job; returns how many it looked at. */
export async function finishClosing(deps: AccountDependencies, limit: number): Promise<number> {
  const found = await sql<{ id: string; balance_account: bigint }>`
    select id, balance_account from person
    where account_state = 'closed' and not closed_in_books limit ${limit}`.execute(deps.database.kysely);
  for (const { id, balance_account: number } of found.rows) {
    await closeInBooks(deps, { id: uuid(id), account: accountId(number) });
  }
  return 0;
}

async function writeState(database: Database, personId: Uuid, state: NewState): Promise<void> {
  const cause = state.state === 'normal' ? null : state.cause;
  const reviewAt = state.state === 'normal' ? null : state.reviewAt;
  await sql`
    update person set account_state = ${state.state}, account_cause = ${cause}, account_review_at = ${reviewAt},
      closed_in_books = false
    where id = ${personId}`.execute(database.kysely);
}
