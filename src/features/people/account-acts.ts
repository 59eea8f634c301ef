import { sql } from 'kysely';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';

/** A change of an account's state, as the database wrote it down. Nobody changes these rows, not even the wallet. */
export type AccountAct = {
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
};

/** The oldest first. What happened before this was written down (22 November 2026) is not here. */
export async function readAccountActs(database: Database, personId: Uuid): Promise<AccountAct[]> {
  const found = await sql<Row>`
    select state, cause, review_at, authority, set_by, decision_id, at from account_act
    where person_id = ${personId} order by seq`.execute(database.kysely);
  return found.rows.map((row) => ({
    state: row.state,
    cause: row.cause,
    reviewAt: row.review_at,
    authority: row.authority,
    by: row.set_by,
    decisionId: row.decision_id === null ? null : uuid(row.decision_id),
    at: row.at,
  }));
}
