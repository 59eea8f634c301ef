import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';

/** Removes notices that were followed up before a moment, a part at a time; those still open stay. */
export async function forgetNotices(database: Database, before: Date, limit: number): Promise<number> {
  const gone = await sql`
    delete from bank_notice where (bank_code, event_id) in (
      select bank_code, event_id from bank_notice where handled_at < ${before} limit ${limit})`.execute(
    database.kysely,
  );
  return Number(gone.numAffectedRows ?? 0n);
}
