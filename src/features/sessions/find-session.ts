import { sql } from 'kysely';
import { byteaArray } from '../../database/column-types.ts';
import type { Database } from '../../database/database.ts';
import { gatherReads } from '../../database/gather-reads.ts';
import { addMs, minuteMs, type Clock } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { SessionKind } from './start-visit.ts';
import { isTokenForm, sessionLife, tokenHash } from './session-rules.ts';

export type FoundSession = { sessionId: Uuid; visitorId: Uuid; personId: Uuid | null; kind: SessionKind };

type Row = {
  id: string;
  visitor_id: string;
  person_id: string | null;
  kind: SessionKind;
  first_use: boolean;
  /** It was last seen so long ago that it is to be written down again. */
  unseen: boolean;
};

/** How exact "last seen" is; a session in use is not written to with every request. */
const SEEN_EVERY_MS = minuteMs;

/**
 * Finds the live session of a token; undefined for any other text, so that an ended one cannot be told from none. It is
 * read anew for every request, together with those of others who ask in the same moment.
 */
export function createSessionFinder(deps: { database: Database; clock: Clock }) {
  const readRow = gatherReads<string, Row | undefined>(async (hashes) => {
    const now = deps.clock.now();
    const { rows } = await deps.database.pool.query<Row & { hash: string; is_live: boolean }>({
      name: 'sessions_by_token',
      // Whether it lives is no condition: that would let the server go through all that live instead.
      text: `select encode(token_digest, 'hex') as hash, id, visitor_id, person_id, kind, last_seen_at <= $3 as unseen,
          person_id is not null and last_seen_at = created_at as first_use,
          ended_at is null and idle_until > $2 and expires_at > $2 as is_live
        from session where token_digest = any($1::bytea[])`,
      values: [byteaArray(hashes), now, addMs(now, -SEEN_EVERY_MS)],
    });
    const live = rows.filter(({ is_live }) => is_live);
    const found = new Map(live.map((row) => [row.hash, row]));
    return hashes.map((hash) => found.get(hash));
  });
  return async (token: string): Promise<FoundSession | undefined> => {
    const row = isTokenForm(token) ? await readRow(tokenHash(token)) : undefined;
    return row && foundIn(deps, row);
  };
}

async function foundIn(deps: { database: Database; clock: Clock }, row: Row): Promise<FoundSession> {
  if (row.first_use || row.unseen) await recordUse(deps, row, deps.clock.now());
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
  await sql`
    update session set
      last_seen_at = greatest(last_seen_at, ${now}::timestamptz, created_at + interval '1 millisecond'),
      idle_until = least(greatest(idle_until, ${addMs(now, idleMs)}::timestamptz), expires_at)
    where id = ${row.id} and ended_at is null`.execute(deps.database.kysely);
  if (!row.first_use) return;
  await sql`
    update session set ended_at = ${now}, end_reason = 'visit_over'
    where visitor_id = ${row.visitor_id} and person_id is null and ended_at is null`.execute(deps.database.kysely);
}
