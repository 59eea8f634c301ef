import { sql } from 'kysely';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';

/** A change of an account's state, as the database wrote it down. Nobody changes these rows, not even the wallet. */
export type AccountAct = {
  /** What was done with which stop; null of what happened before stops were kept by themselves. */
  done: { act: 'set' | 'renewed' | 'ended'; state: string; cause: string; authority: string | null } | null;
  /** What the account was told to be from then on. */
  state: string;
  cause: string | null;
  reviewAt: Date | null;
  authority: string | null;
  by: 'wallet' | 'owner' | 'operator';
  /** Of operators: what they decided. */
  decisionId: Uuid | null;
  at: Date;
};

type Row = {
  state: string;
  cause: string | null;
  review_at: Date | null;
  authority: string | null;
  set_by: AccountAct['by'];
  decision_id: string | null;
  at: Date;
  act: 'set' | 'renewed' | 'ended' | null;
  stop_state: string | null;
  stop_cause: string | null;
  stop_authority: string | null;
};

/** The oldest first. What happened before this was written down (22 November 2026) is not here. */
export async function readAccountActs(database: Database, personId: Uuid): Promise<AccountAct[]> {
  const found = await sql<Row>`
    select a.state, a.cause, a.review_at, a.authority, a.set_by, a.decision_id, a.at, a.act, s.state as stop_state, s.cause as stop_cause,
      s.authority as stop_authority
    from account_act a left join account_stop s on s.id = a.stop_id
    where a.person_id = ${personId} order by a.seq`.execute(database.kysely);
  return found.rows.map((row) => ({
    done:
      row.act === null || row.stop_state === null || row.stop_cause === null
        ? null
        : { act: row.act, state: row.stop_state, cause: row.stop_cause, authority: row.stop_authority },
    state: row.state,
    cause: row.cause,
    reviewAt: row.review_at,
    authority: row.authority,
    by: row.set_by,
    decisionId: row.decision_id === null ? null : uuid(row.decision_id),
    at: row.at,
  }));
}
