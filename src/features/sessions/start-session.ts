import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Transaction } from '../../database/database.ts';
import { addMs } from '../../kernel/clock.ts';
import { newId, uuid, type Uuid } from '../../kernel/ids.ts';
import { secret } from '../../kernel/masked.ts';
import { deviceName, newToken, sessionLife, tokenDigest } from './session-rules.ts';
import type { SessionDeps, SessionKind, StartedSession } from './start-visit.ts';

export type StartSessionRequest = {
  /** The session that asks: the visit in which the wallet was opened, or a session that came from it. */
  visitSessionId: Uuid;
  personId: Uuid;
  /** The open_wallet operation that proves the person. The caller has checked that it succeeded, for this visitor. */
  operationKey: Uuid;
  device: string;
  kind: SessionKind;
};

/**
 * A session of a person, always with a new token. One open_wallet operation has one live session: asked again, because
 * the answer was lost, it gives a new token and the former one ends. The visit stays until the new token is first
 * used, and no longer, so that a token that somebody planted before signing in is worth nothing after it.
 * Throws `security.session_expired` when the asking session has ended meanwhile.
 */
export async function startSession(deps: SessionDeps, request: StartSessionRequest): Promise<StartedSession> {
  const token = newToken(deps.random);
  const sessionId = newId(deps.clock, deps.random);
  const now = deps.clock.now();
  const expiresAt = addMs(now, sessionLife.person.wholeMs);
  const visitorId = await deps.database.transaction(async (tx) => {
    const visitor = await lockVisit(tx, request.visitSessionId, now);
    await sql`
      update session set ended_at = ${now}, end_reason = 'replaced'
      where operation_id = ${request.operationKey} and ended_at is null`.execute(tx);
    await sql`
      insert into session (id, visitor_id, person_id, operation_id, token_digest, kind, device,
        created_at, last_seen_at, idle_until, expires_at)
      values (${sessionId}, ${visitor}, ${request.personId}, ${request.operationKey}, ${tokenDigest(token)},
        ${request.kind}, ${deviceName(request.device)}, ${now}, ${now}, ${addMs(now, sessionLife.person.idleMs)},
        ${expiresAt})`.execute(tx);
    return visitor;
  });
  return { sessionId, visitorId, token: secret(token), expiresAt };
}

/** Holds the asking session, so that two requests for the same operation follow one another. */
async function lockVisit(tx: Transaction, id: Uuid, now: Date): Promise<Uuid> {
  const { rows } = await sql<{ visitor_id: string }>`
    select visitor_id from session
    where id = ${id} and ended_at is null and idle_until > ${now} and expires_at > ${now} for update`.execute(tx);
  const row = rows[0];
  if (row === undefined) throw refusal('security.session_expired');
  // Two sessions of one visitor may ask for the same operation: the visitor is what they share.
  await sql`select pg_advisory_xact_lock(hashtextextended(${row.visitor_id}, 0))`.execute(tx);
  return uuid(row.visitor_id);
}
