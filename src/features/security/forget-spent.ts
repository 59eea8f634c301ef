import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import type { Clock } from '../../kernel/clock.ts';

/** Removes counts and rates that no longer decide anything, in parts. For an hourly job; safe at any time. */
export async function forgetSpent(deps: { database: Database; clock: Clock }, { hand = 1000 } = {}): Promise<void> {
  const db = deps.database.kysely;
  const now = deps.clock.now();
  const isFull = ({ numAffectedRows = 0n }: { numAffectedRows?: bigint }) => Number(numAffectedRows) === hand;
  // Whether each is still over is asked again where it is removed: it may have begun anew in this moment.
  const counts = sql`
    delete from attempt_counter where coalesce(locked_until, window_ends_at) < ${now} and (scope, subject) in (
      select scope, subject from attempt_counter where coalesce(locked_until, window_ends_at) < ${now} limit ${hand})`;
  while (isFull(await counts.execute(db)));
  const rates = sql`
    delete from rate_bucket where full_at < ${now} and key in (
      select key from rate_bucket where full_at < ${now} limit ${hand})`;
  while (isFull(await rates.execute(db)));
}

/** Removes codes that were sent before a moment, a part at a time; returns how many. */
export async function forgetCodes(database: Database, before: Date, limit: number): Promise<number> {
  const gone = await sql`
    delete from one_time_code where id in (select id from one_time_code where sent_at < ${before} limit ${limit})`.execute(
    database.kysely,
  );
  return Number(gone.numAffectedRows ?? 0n);
}

/** The same of places from where no right code has come since. */
export async function forgetPlaces(database: Database, before: Date, limit: number): Promise<number> {
  const gone = await sql`
    delete from code_place where (phone_digest, place_digest) in (
      select phone_digest, place_digest from code_place where last_right_at < ${before} limit ${limit})`.execute(
    database.kysely,
  );
  return Number(gone.numAffectedRows ?? 0n);
}
