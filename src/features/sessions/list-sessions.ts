import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';

export type SessionEntry = { sessionId: Uuid; device: string; createdAt: Date; lastSeenAt: Date; current: boolean };

/** The live sessions of a person, the newest first; at most a hundred. */
export async function listSessions(
  deps: { database: Database; clock: Clock },
  request: { personId: Uuid; currentSessionId: Uuid },
): Promise<SessionEntry[]> {
  const now = deps.clock.now();
  const { rows } = await sql<{ id: string; device: string; created_at: Date; last_seen_at: Date }>`
    select id, device, created_at, last_seen_at from session
    where person_id = ${request.personId} and ended_at is null and idle_until > ${now} and expires_at > ${now}
    order by created_at desc, id desc limit 100`.execute(deps.database.kysely);
  return rows.map((row) => ({
    sessionId: uuid(row.id),
    device: row.device,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    current: row.id === request.currentSessionId,
  }));
}
