import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { addMs, dayMs, type Clock } from '../../kernel/clock.ts';

/** Removes codes, counts and rates that no longer decide anything. For a daily job; safe at any time. */
export async function forgetSpent(deps: { database: Database; clock: Clock }): Promise<void> {
  const db = deps.database.kysely;
  const now = deps.clock.now();
  await sql`delete from one_time_code where sent_at < ${addMs(now, -dayMs)}`.execute(db);
  await sql`delete from attempt_counter where coalesce(locked_until, window_ends_at) < ${now}`.execute(db);
  await sql`delete from rate_bucket where full_at < ${now}`.execute(db);
}
