import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { addMs, dayMs, type Clock } from '../../kernel/clock.ts';

/**
 * From when on what is no longer needed is still kept, for each subject that has a rule today. A subject without one is
 * never removed.
 */
async function readRetention(deps: { database: Database; clock: Clock }): Promise<ReadonlyMap<string, Date>> {
  const now = deps.clock.now();
  const found = await sql<{ subject: string; keep_days: number }>`
    select distinct on (subject) subject, keep_days from retention_rule
    where valid_from <= (${now}::timestamptz at time zone 'UTC')::date order by subject, valid_from desc`.execute(
    deps.database.kysely,
  );
  return new Map(found.rows.map((rule) => [rule.subject, addMs(now, -rule.keep_days * dayMs)]));
}

/** Removes a part of what is older than a moment; returns how many. */
export type Forget = (database: Database, before: Date, limit: number) => Promise<number>;

const AT_A_TIME = 1000;

/** One round over all subjects, a part of each, so that no statement holds its locks for long. Returns how many went. */
export async function forgetOld(
  deps: { database: Database; clock: Clock },
  subjects: Readonly<Record<string, Forget>>,
): Promise<number> {
  const keptFrom = await readRetention(deps);
  let gone = 0;
  for (const [subject, forget] of Object.entries(subjects)) {
    const before = keptFrom.get(subject);
    if (before) gone += await forget(deps.database, before, AT_A_TIME);
  }
  return gone;
}
