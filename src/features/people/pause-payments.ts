import { sql } from 'kysely';
import type { Transaction } from '../../database/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Pause } from '../books/limit-rules.ts';

/**
 * Only small sums leave this person's balance meanwhile. A pause is never made shorter by another one; one that lasts
 * is made longer and stays the same pause, so that no number of resets gives its sum twice.
 */
export async function pausePayments(tx: Transaction, personId: Uuid, { from, until }: Pause): Promise<void> {
  await sql`
    update person set paused_from = case when paused_until > ${from} then coalesce(paused_from, paused_until)
        else ${from}::timestamptz end,
      paused_until = greatest(paused_until, ${until}::timestamptz)
    where id = ${personId}`.execute(tx);
}
