import { sql, type RawBuilder } from 'kysely';
import { parseInstant } from '../../kernel/clock.ts';
import { uuid, type Uuid } from '../../kernel/ids.ts';
import type { CauseCode } from '../../causes/registry.ts';
import type { Transaction } from '../../database/database.ts';

/**
 * What stops an account: each stop by itself, whoever set it, until who may ends it. The database holds to who may, and
 * writes into the row of the person what all of them come to. The account is free when none is left.
 */
export type Stop = {
  id: Uuid;
  state: 'frozen' | 'limited' | 'closed';
  cause: string;
  /** Whom its owner has to ask, where the law had it frozen. */
  authority: string | null;
  reviewAt: Date | null;
  by: 'wallet' | 'owner' | 'operator';
  /** Of operators: what they decided. */
  decisionId: Uuid | null;
  since: Date;
};

export type NewStop = {
  state: Stop['state'];
  cause: CauseCode;
  reviewAt: Date | null;
  authority?: string;
};

/** Who changes an account: the wallet itself, its owner, or operators by what they decided. */
export type Author = 'wallet' | 'owner' | { decisionId: Uuid };

export const LAW = 'account.frozen_by_law';
export const SECURITY = 'account.frozen_security';
export const BY_ONESELF = 'account.frozen_by_you';

export type StopJson = {
  id: string;
  state: Stop['state'];
  cause: string;
  authority: string | null;
  review_at: string | null;
  set_by: Stop['by'];
  decision_id: string | null;
  set_at: string;
};

/** Those of a person as they stand, the strongest first, within a statement that reads more. */
export const stopsJson = (personId: Uuid): RawBuilder<StopJson[]> => sql<StopJson[]>`
  coalesce((select json_agg(s order by account_stop_rank(s.state, s.cause), s.set_at, s.id)
    from account_stop s where s.person_id = ${personId} and s.ended_at is null), '[]')`;

export const readStop = (json: StopJson): Stop => ({
  id: uuid(json.id),
  state: json.state,
  cause: json.cause,
  authority: json.authority,
  reviewAt: json.review_at === null ? null : parseInstant(json.review_at),
  by: json.set_by,
  decisionId: json.decision_id === null ? null : uuid(json.decision_id),
  since: parseInstant(json.set_at),
});

const authorOf = (by: Author): [Stop['by'], Uuid | null] =>
  typeof by === 'string' ? [by, null] : ['operator', by.decisionId];

const isSame = (a: Pick<Stop, 'cause' | 'authority'>, b: NewStop): boolean =>
  a.cause === b.cause && (a.authority ?? '').toLowerCase() === (b.authority ?? '').toLowerCase();

/**
 * Sets a stop, or the same one anew: with another day, or by an operator in the place of the wallet. The caller has locked
 * the row of the person. Nothing where it stands already and is not this author's to change.
 */
export async function setStop(
  tx: Transaction,
  { personId, stops }: { personId: Uuid; stops: readonly Stop[] },
  stop: NewStop,
  by: Author,
): Promise<void> {
  const [author, decisionId] = authorOf(by);
  const same = stops.find((each) => isSame(each, stop));
  if (!same) {
    await sql`
      insert into account_stop (id, person_id, state, cause, authority, review_at, set_by, decision_id)
      values (gen_random_uuid(), ${personId}, ${stop.state}, ${stop.cause}, ${stop.authority ?? null}, ${stop.reviewAt},
        ${author}, ${decisionId})`.execute(tx);
  } else if (author === 'operator' || same.by === 'wallet') {
    await sql`
      update account_stop set review_at = ${stop.reviewAt}, set_by = ${author}, decision_id = ${decisionId}, set_at = now()
      where id = ${same.id}`.execute(tx);
  }
}

export async function endStop(tx: Transaction, { id }: Pick<Stop, 'id'>, by: Author): Promise<void> {
  const [author, decisionId] = authorOf(by);
  await sql`
    update account_stop set ended_at = now(), ended_by = ${author}, end_decision_id = ${decisionId}
    where id = ${id} and ended_at is null`.execute(tx);
}

/** Whether the ledger lets money out of an account with these stops. */
export const isOpenWith = (stops: readonly Stop[]): boolean =>
  stops.every(({ state }) => state !== 'frozen' && state !== 'closed');
