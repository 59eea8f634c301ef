import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { addMs, type Clock } from '../../kernel/clock.ts';
import { newId, type Uuid } from '../../kernel/ids.ts';
import { secret, type Secret } from '../../kernel/masked.ts';
import type { Random } from '../../kernel/random.ts';
import { deviceName, newToken, sessionLife, tokenDigest } from './session-rules.ts';

export type SessionDeps = { database: Database; clock: Clock; random: Random };
export type SessionKind = 'cookie' | 'bearer';
export type StartedSession = { sessionId: Uuid; visitorId: Uuid; token: Secret; expiresAt: Date };

/** A session of nobody yet, under a visitor's id of its own; for a day, or two hours without a request. */
export async function startVisit(
  deps: SessionDeps,
  request: { kind: SessionKind; device: string },
): Promise<StartedSession> {
  const sessionId = newId(deps.clock, deps.random);
  const token = newToken(deps.random);
  const now = deps.clock.now();
  const expiresAt = addMs(now, sessionLife.visit.wholeMs);
  await sql`
    insert into session
      (id, visitor_id, token_digest, kind, device, created_at, last_seen_at, idle_until, expires_at)
    values (${sessionId}, ${sessionId}, ${tokenDigest(token)}, ${request.kind}, ${deviceName(request.device)},
      ${now}, ${now}, ${addMs(now, sessionLife.visit.idleMs)}, ${expiresAt})`.execute(deps.database.kysely);
  return { sessionId, visitorId: sessionId, token: secret(token), expiresAt };
}
