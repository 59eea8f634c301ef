import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { addMs, minuteMs, type Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { SessionKind } from './start-visit.ts';
import { isTokenForm, sessionLife, tokenDigest } from './session-rules.ts';

export type FoundSession = { sessionId: Uuid; visitorId: Uuid; personId: Uuid | null; kind: SessionKind };

type Row = {
  id: string;
  visitor_id: string;
  person_id: string | null;
  kind: SessionKind;
  created_at: Date;
  last_seen_at: Date;
  first_use: boolean;
};

/** How exact "last seen" is; a session in use is not written to with every request. */
const SEEN_EVERY_MS = minuteMs;

/** The live session of a token; undefined for any other text, so that an ended one cannot be told from none. */
export async function findSession(
  deps: { database: Database; clock: Clock },
  token: string,
): Promise<FoundSession | undefined> {
  if (!isTokenForm(token)) return undefined;
  const now = deps.clock.now();
  const { rows } = await sql<Row>`
    select id, visitor_id, person_id, kind, created_at, last_seen_at,
      person_id is not null and last_seen_at = created_at as first_use
    from session
    where token_digest = ${tokenDigest(token)} and ended_at is null and idle_until > ${now} and expires_at > ${now}`.execute(
    deps.database.kysely,
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  if (row.first_use || addMs(row.last_seen_at, SEEN_EVERY_MS) <= now) await recordUse(deps, row, now);
  return {
    sessionId: uuid(row.id),
    visitorId: uuid(row.visitor_id),
    personId: row.person_id === null ? null : uuid(row.person_id),
    kind: row.kind,
  };
}

/** Writes down the use. The first use of a person's session proves that the token arrived: the visit before it is over. */
async function recordUse(deps: { database: Database }, row: Row, now: Date): Promise<void> {
  const { idleMs } = row.person_id === null ? sessionLife.visit : sessionLife.person;
  // Never equal to created_at, which stands for "not used yet".
  const seenAt = now > row.created_at ? now : addMs(row.created_at, 1);
  await sql`
    update session set last_seen_at = greatest(last_seen_at, ${seenAt}::timestamptz),
      idle_until = least(greatest(idle_until, ${addMs(now, idleMs)}::timestamptz), expires_at)
    where id = ${row.id} and ended_at is null`.execute(deps.database.kysely);
  if (!row.first_use) return;
  await sql`
    update session set ended_at = ${now}, end_reason = 'visit_over'
    where visitor_id = ${row.visitor_id} and person_id is null and ended_at is null`.execute(deps.database.kysely);
}
