import { sql } from 'kysely';
import type { Transaction } from '../../database/database.ts';
import type { Uuid } from '../../kernel/ids.ts';

/** Until then only small sums leave this person's balance. A pause is never made shorter by another one. */
export async function pausePayments(tx: Transaction, personId: Uuid, until: Date): Promise<void> {
  await sql`
    update person set paused_until = greatest(paused_until, ${until}::timestamptz) where id = ${personId}`.execute(tx);
}
