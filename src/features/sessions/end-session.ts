import { sql, type RawBuilder } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Database, Transaction } from '../../database/database.ts';
import { addMs, dayMs, type Clock } from '../../kernel/clock.ts';
import type { Uuid } from '../../kernel/ids.ts';

type EndDeps = { database: Database; clock: Clock };

/** Ends the session that asks: its token is worth nothing from now on. Ended already, it stays so. */
export async function endSession(deps: EndDeps, request: { sessionId: Uuid }): Promise<void> {
  await sql`
    update session set ended_at = ${deps.clock.now()}, end_reason = 'signed_out'
    where id = ${request.sessionId} and ended_at is null`.execute(deps.database.kysely);
}

/** Ends a session of this person from another device. One of somebody else is `operation.not_found`, like one of nobody. */
export async function endSessionOfPerson(deps: EndDeps, request: { personId: Uuid; sessionId: Uuid }): Promise<void> {
  const { rows } = await sql`
    update session set ended_at = coalesce(ended_at, ${deps.clock.now()}),
      end_reason = coalesce(end_reason, 'signed_out_elsewhere')
    where id = ${request.sessionId} and person_id = ${request.personId} returning id`.execute(deps.database.kysely);
  if (rows.length === 0) throw refusal('operation.not_found');
}

/**
 * Ends all sessions of a person but one, within the change that calls for it: a secret was changed, an account frozen. In one
 * order, so that two such changes at once wait for each other, and neither fails.
 */
export async function endOtherSessions(
  tx: Transaction,
  request: { personId: Uuid; keepSessionId: Uuid | null; at: Date; reason?: 'secret_changed' | 'account_frozen' },
): Promise<void> {
  await sql`
    update session set ended_at = ${request.at}, end_reason = ${request.reason ?? 'secret_changed'}
    where id in (
      select id from session where person_id = ${request.personId} and ended_at is null
        and id is distinct from ${request.keepSessionId}::uuid order by id for update)`.execute(tx);
}

/**
 * Removes sessions that ended a month ago, in parts, so that no statement holds its locks for long. For a job; safe at any
 * time. Those that nobody ended, and nobody used, are looked for along the ids, which follow the time: an index by use
 * would be written to with every use.
 */
export async function forgetOldSessions({ database, clock }: EndDeps, { hand = HAND } = {}): Promise<void> {
  const before = addMs(clock.now(), -30 * dayMs);
  const db = database.kysely;
  const forget = async (which: RawBuilder<unknown>): Promise<boolean> => {
    const gone = await sql`
      delete from session where id in (select id from session where ${which} limit ${hand})`.execute(db);
    return Number(gone.numAffectedRows ?? 0n) === hand;
  };
  while (await forget(sql`ended_at < ${before}`));
  while (await forget(sql`expires_at < ${before}`));
  for (let after: string | undefined = FIRST_ID; after !== undefined; ) {
    after = await forgetIdle(db, { after, before, hand });
  }
}
const HAND = 1000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Where to go on; nowhere when those that follow are too young. */
async function forgetIdle(
  db: Database['kysely'],
  { after, before, hand }: { after: string; before: Date; hand: number },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string; old: boolean }>`
    with looked as (
      select id, created_at, idle_until from session where id > ${after} order by id limit ${hand}
    ), gone as (
      delete from session s using looked l where s.id = l.id and l.idle_until < ${before} and s.idle_until < ${before}
    )
    select id, created_at < ${before} as old from looked order by id desc limit 1`.execute(db);
  const [last] = rows;
  return last?.old ? last.id : undefined;
}
