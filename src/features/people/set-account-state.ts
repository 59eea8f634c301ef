import { sql } from 'kysely';
import type { Uuid } from '../../kernel/ids.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { Database } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { accountId } from '../books/chart.ts';

/**
 * Freezes an account for a cause that its person is told, or lifts it. The person's row comes first, so that nothing new
 * begins; the ledger then refuses what was on its way.
 */
export async function setAccountState(
  deps: { database: Database; ledger: Ledger },
  personId: Uuid,
  state: { state: 'normal' } | { state: 'frozen' | 'limited' | 'closed'; cause: CauseCode; reviewAt: Date | null },
): Promise<void> {
  const cause = state.state === 'normal' ? null : state.cause;
  const reviewAt = state.state === 'normal' ? null : state.reviewAt;
  const written = await sql<{ balance_account: bigint }>`
    update person set account_state = ${state.state}, account_cause = ${cause}, account_review_at = ${reviewAt}
    where id = ${personId} returning balance_account`.execute(deps.database.kysely);
  for (const row of written.rows) {
    await deps.ledger.setAccountState(accountId(row.balance_account), {
      frozen: state.state === 'frozen' || state.state === 'closed',
      closed: state.state === 'closed',
    });
  }
}
