import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';

/** Removes events that were delivered, or given up, before a moment, a part at a time; those on their way stay. */
export async function forgetDeliveries(database: Database, before: Date, limit: number): Promise<number> {
  const gone = await sql`
    delete from webhook_delivery where id in (
      select id from webhook_delivery
      where next_at is null and coalesce(delivered_at, dead_at) < ${before} limit ${limit})`.execute(database.kysely);
  return Number(gone.numAffectedRows ?? 0n);
}
