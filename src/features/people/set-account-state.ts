import { sql } from 'kysely';
import type { Uuid } from '../../kernel/ids.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { accountId } from '../books/chart.ts';
import { loadPerson } from './person.ts';

type NewState =
  | { state: 'normal' }
  | { state: 'frozen' | 'limited' | 'closed'; cause: CauseCode; reviewAt: Date | null };

/**
 * Freezes or closes an account for a cause that its person is told, or lifts it. A stop comes to the person's row first,
 * so that nothing new begins, and then to the ledger, which refuses what was on its way; it is lifted the other way
 * round. A process that dies between the two leaves a stop that everybody sees, never one that nobody knows of.
 */
export async function setAccountState(
  deps: { database: Database; ledger: Ledger },
  personId: Uuid,
  state: NewState,
): Promise<void> {
  const person = await loadPerson(deps.database.kysely, personId);
  const account = accountId(person.balanceAccount);
  const stops = state.state === 'frozen' || state.state === 'closed';
  if (!stops) await deps.ledger.setAccountState(account, { frozen: false, closed: false });
  await writeState(deps.database, personId, state);
  if (stops) await deps.ledger.setAccountState(account, { frozen: true });
  // What a bank may be paying out already has to be taken from the account, which a closed one would not allow. Frozen,
  // it takes no new hold; it closes when the last one has ended and it is closed again.
  const held = stops ? (await deps.ledger.account(account))?.debitsPending : 0n;
  if (state.state === 'closed' && held === 0n) await deps.ledger.setAccountState(account, { closed: true });
}

async function writeState(database: Database, personId: Uuid, state: NewState): Promise<void> {
  const cause = state.state === 'normal' ? null : state.cause;
  const reviewAt = state.state === 'normal' ? null : state.reviewAt;
  await sql`
    update person set account_state = ${state.state}, account_cause = ${cause}, account_review_at = ${reviewAt}
    where id = ${personId}`.execute(database.kysely);
}
