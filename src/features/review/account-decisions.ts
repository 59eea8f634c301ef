import { sql } from 'kysely';
import type { Clock } from '../../kernel/clock.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readStanding, type Standing } from '../people/account-turn.ts';
import { LAW, SECURITY, type NewStop } from '../people/account-stops.ts';
import { changeAccount, mayStop, stopInRow, type Lifting, type Stopping } from '../people/change-account.ts';
import { recordMessage, templateOf } from '../people/tell-person.ts';
import { endOtherSessions } from '../sessions/end-session.ts';
import { deny, propose, recordBooking } from './decisions.ts';

/** What takes two people; freezing takes one, because it has to be fast and takes nothing from anybody. */
export type AccountOutcome = 'lifted' | 'closed' | 'reopened';

/** What may be decided of an account as it stands. What the law had frozen is lifted before it is closed. */
export function possibleOf({ state, stops }: Pick<Standing, 'state' | 'stops'>): readonly AccountOutcome[] {
  if (state === 'closed') return ['reopened'];
  const lifted = stops.length > 0 ? (['lifted'] as const) : [];
  return mayStop({ state, stops }, { state: 'closed' }) ? [...lifted, 'closed'] : lifted;
}

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
 * was on its way. What stopped it before stays beside. Written with who did it, why, and the message to its person where
 * this is what they are told from now on, or not at all. False when it is closed.
 */
export async function freezeByOperator(
  deps: { database: Database; clock: Clock; random: Random },
  { personId, operator, because, why, reviewAt, authority }: Freeze,
): Promise<boolean> {
  const [outcome, cause, template] =
    why === 'by_law'
      ? (['frozen_by_law', LAW, 'account_frozen_by_law'] as const)
      : (['frozen_security', SECURITY, 'account_frozen'] as const);
  const stop: NewStop = { state: 'frozen', cause, reviewAt, ...(authority === null ? {} : { authority }) };
  return deps.database.transaction(async (tx) => {
    await sql`select 1 from person where id = ${personId} for no key update`.execute(tx);
    if (!mayStop(await readStanding(tx, personId), stop)) return false;
    const finding = { operationKey: personId, about: 'account', outcome, because, operator } as const;
    const decisionId = await propose(deps, finding, tx);
    return stopInRow(tx, personId, {
      ...{ stop, by: { decisionId } },
      async also(within, { after }) {
        // Whoever has taken the account over is out of it, and learns nothing more.
        if (cause === SECURITY) {
          const at = deps.clock.now();
          await endOtherSessions(within, { personId, keepSessionId: null, at, reason: 'account_frozen' });
        }
        if (after.cause !== cause) return;
        await recordMessage(within, { id: deriveId(decisionId, 'told'), personId, template, now: deps.clock.now() });
      },
    });
  });
}

type Dependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  onFault: (error: unknown, where: string) => void;
};
type Due = { decisionId: Uuid; personId: Uuid; outcome: AccountOutcome; stopId: Uuid | null };

/** Carries out what two people decided about accounts: once, whichever process does it. */
export async function carryOutAccounts(deps: Dependencies): Promise<number> {
  const found = await sql<{ id: string; person_id: string; outcome: AccountOutcome; stop_id: string | null }>`
    select d.id, d.operation_key as person_id, d.outcome, d.stop_id
    from review_confirmation c join review_decision d on d.id = c.decision_id
    where d.about = 'account' and not exists (select 1 from review_booking b where b.decision_id = d.id)
      and not exists (select 1 from review_denial n where n.decision_id = d.id)
    order by c.confirmed_at limit 32`.execute(deps.database.kysely);
  for (const { id, person_id, outcome, stop_id } of found.rows) {
    const stopId = stop_id === null ? null : uuid(stop_id);
    const due = { decisionId: uuid(id), personId: uuid(person_id), outcome, stopId };
    try {
      await carryOut(deps, due);
    } catch (error) {
      // It is tried again, and keeps no other waiting meanwhile.
      deps.onFault(error, `what was decided about the account of ${due.personId}`);
    }
  }
  return 0;
}

async function carryOut(deps: Dependencies, due: Due): Promise<void> {
  const { decisionId, personId, outcome } = due;
  const { database, clock } = deps;
  const say = (because: string) => deny(database.kysely, { decisionId, because, at: clock.now() });
  if (outcome === 'reopened' && (await holdsMoney(deps, personId))) return say('there is money in it by now');
  const changed = await changeAccount(deps, personId, {
    ...whatChanges(due),
    by: { decisionId },
    when: async (standing, db) => possibleOf(standing).includes(outcome) && (await isOfNow(db, decisionId)),
    async also(tx, { before, after }) {
      const template = templateOf(before, after);
      const told = { id: deriveId(decisionId, 'told'), personId, now: clock.now() };
      if (template) await recordMessage(tx, { ...told, template });
      await recordBooking(deps, { decisionId, transferId: null }, tx);
    },
  });
  if (!changed) await say('the account was changed since');
}

const whatChanges = ({ outcome, stopId }: Due): Pick<Stopping, 'stop'> | Pick<Lifting, 'lift'> => {
  if (outcome === 'closed') return { stop: { state: 'closed', cause: 'account.closed', reviewAt: null } };
  return { lift: ({ id, state }) => (outcome === 'reopened' ? state === 'closed' : id === stopId) };
};

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
