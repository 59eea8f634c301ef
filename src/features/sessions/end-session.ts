import { sql } from 'kysely';
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

/** Ends all sessions of a person but one, within the change that calls for it: a secret was changed, an account frozen. */
export async function endOtherSessions(
  tx: Transaction,
  request: { personId: Uuid; keepSessionId: Uuid | null; at: Date; reason?: 'secret_changed' | 'account_frozen' },
): Promise<void> {
  await sql`
    update session set ended_at = ${request.at}, end_reason = ${request.reason ?? 'secret_changed'}
    where person_id = ${request.personId} and ended_at is null
      and id is distinct from ${request.keepSessionId}::uuid`.execute(tx);
}

/** Removes sessions that ended a month ago. For a daily job; safe at any time. */
export async function forgetOldSessions(deps: EndDeps): Promise<void> {
  const before = addMs(deps.clock.now(), -30 * dayMs);
  await sql`delete from session where expires_at < ${before} or idle_until < ${before} or ended_at < ${before}`.execute(
    deps.database.kysely,
  );
}
