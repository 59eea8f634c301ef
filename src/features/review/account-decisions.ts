import { sql } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readStanding, type Standing } from '../people/account-turn.ts';
import { changeAccount, stopInRow, type NewState } from '../people/set-account-state.ts';
import { recordMessage } from '../people/tell-person.ts';
import { deny, propose, recordBooking } from './decisions.ts';

/** What takes two people; freezing takes one, because it has to be fast and takes nothing from anybody. */
export type AccountOutcome = 'lifted' | 'closed' | 'reopened';

const LAW = 'account.frozen_by_law';
const SECURITY = 'account.frozen_security';

type Stopped = Pick<Standing, 'state' | 'cause'>;

/** What may be decided of an account as it stands. What the law had frozen is lifted before it is closed. */
export function possibleOf({ state, cause }: Stopped): readonly AccountOutcome[] {
  if (state === 'closed') return ['reopened'];
  if (state === 'normal') return ['closed'];
  return cause === LAW ? ['lifted'] : ['lifted', 'closed'];
}

/**
 * A stop is never made weaker by another one: what the law or two people did stays. Another authority's order joins the one
 * before it, so that its owner can ask both and neither is lifted with the other's release alone.
 */
export const mayFreeze = (
  { state, cause, authority }: Pick<Standing, 'state' | 'cause' | 'authority'>,
  asked: Pick<Freeze, 'why' | 'authority'>,
): boolean =>
  state !== 'closed' &&
  (cause !== LAW || (asked.why === 'by_law' && (asked.authority ?? '').includes(authority ?? '')));

export type Freeze = {
  personId: Uuid;
  operator: string;
  because: string;
  why: 'security' | 'by_law';
  reviewAt: Date | null;
  /** Of a freeze by law: whom its owner has to ask. */
  authority: string | null;
};

/**
 * Freezes an account in its row, by one operator: nothing new begins from then on, and the wallet stops in the ledger what
 * was on its way. Written with who did it, why, and the message to its person, or not at all. False when it is closed, or
 * frozen by law already and another freeze would take the place of that.
 */
export async function freezeByOperator(
  deps: { database: Database; clock: Clock; random: Random },
  { personId, operator, because, why, reviewAt, authority }: Freeze,
): Promise<boolean> {
  return deps.database.transaction(async (tx) => {
    await sql`select 1 from person where id = ${personId} for no key update`.execute(tx);
    if (!mayFreeze(await readStanding(tx, personId), { why, authority })) return false;
    const outcome = why === 'by_law' ? 'frozen_by_law' : 'frozen_security';
    const decisionId = await propose(
      deps,
      { operationKey: personId, about: 'account', outcome, because, operator },
      tx,
    );
    const to: NewState = {
      state: 'frozen',
      cause: why === 'by_law' ? LAW : SECURITY,
      reviewAt,
      ...(authority === null ? {} : { authority }),
    };
    const template = why === 'by_law' ? 'account_frozen_by_law' : 'account_frozen';
    const told = { id: deriveId(decisionId, 'told'), personId, template, now: deps.clock.now() } as const;
    return stopInRow(tx, personId, { to, by: { decisionId }, also: (within) => recordMessage(within, told) });
  });
}

type Dependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  onFault: (error: unknown, where: string) => void;
};
type Due = { decisionId: Uuid; personId: Uuid; outcome: AccountOutcome };

/** Carries out what two people decided about accounts: once, whichever process does it. */
export async function carryOutAccounts(deps: Dependencies): Promise<number> {
  const found = await sql<{ id: string; person_id: string; outcome: AccountOutcome }>`
    select d.id, d.operation_key as person_id, d.outcome
    from review_confirmation c join review_decision d on d.id = c.decision_id
    where d.about = 'account' and not exists (select 1 from review_booking b where b.decision_id = d.id)
      and not exists (select 1 from review_denial n where n.decision_id = d.id)
    order by c.confirmed_at limit 32`.execute(deps.database.kysely);
  for (const { id, person_id, outcome } of found.rows) {
    const due = { decisionId: uuid(id), personId: uuid(person_id), outcome };
    try {
      await carryOut(deps, due);
    } catch (error) {
      // It is tried again, and keeps no other waiting meanwhile.
      deps.onFault(error, `what was decided about the account of ${due.personId}`);
    }
  }
  return 0;
}

const templates = { lifted: 'account_lifted', closed: 'account_closed', reopened: 'account_reopened' } as const;

async function carryOut(deps: Dependencies, { decisionId, personId, outcome }: Due): Promise<void> {
  const { database, clock } = deps;
  const say = (because: string) => deny(database.kysely, { decisionId, because, at: clock.now() });
  if (outcome === 'reopened' && (await holdsMoney(deps, personId))) return say('there is money in it by now');
  const now = clock.now();
  const told = { id: deriveId(decisionId, 'told'), personId, template: templates[outcome], now };
  const changed = await changeAccount(deps, personId, {
    to: outcome === 'closed' ? { state: 'closed', cause: 'account.closed', reviewAt: null } : { state: 'normal' },
    by: { decisionId },
    when: async (standing, db) => possibleOf(standing).includes(outcome) && (await isOfNow(db, decisionId)),
    also: async (tx) => {
      await recordMessage(tx, told);
      await recordBooking(deps, { decisionId, transferId: null }, tx);
    },
  });
  if (!changed) await say('the account was changed since');
}

/** Whether nobody has changed the account since it was found so. */
async function isOfNow(db: Database['kysely'] | Transaction, decisionId: Uuid): Promise<boolean> {
  const { rows } = await sql`
    select 1 from review_decision where id = ${decisionId} and round = review_round(operation_key, about)`.execute(db);
  return rows.length > 0;
}

async function holdsMoney({ database, ledger }: Dependencies, personId: Uuid): Promise<boolean> {
  const { account } = await readStanding(database.kysely, personId);
  const found = await ledger.account(account);
  return found !== undefined && found.creditsPosted > found.debitsPosted;
}
