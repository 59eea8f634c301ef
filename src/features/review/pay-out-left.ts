import { sql } from 'kysely';
import { Failure } from '../../kernel/failure.ts';
import { deriveId, uuid, type Uuid } from '../../kernel/ids.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Database, Transaction } from '../../database/database.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { OperationRecord } from '../../operations/flow.ts';
import type { Operations } from '../../operations/operations.ts';
import { operationKey } from '../../operations/operation-key.ts';
import { accountId } from '../books/chart.ts';
import { giveBackId, giveBackOf } from '../books/set-aside.ts';
import type { HandOutcome } from '../banks/by-hand.ts';
import { loadPerson } from '../people/person.ts';
import { changeAccount } from '../people/change-account.ts';
import { recordMessage, templateOf } from '../people/tell-person.ts';
import { deny, recordBooking } from './decisions.ts';

type Dependencies = {
  database: Database;
  ledger: Ledger;
  clock: Clock;
  operations: Pick<Operations, 'start' | 'byKey'>;
  onFault: (error: unknown, where: string) => void;
};

type Due = {
  decisionId: Uuid;
  subject: Uuid;
  personId: Uuid;
  outcome: HandOutcome;
  cardId: Uuid | null;
  /** What was found to be left; null in what was found before this was written down. */
  amountMinor: bigint | null;
};

/** How many are looked at in one round. */
const HAND = 32;
const FIRST_ID = uuid('00000000-0000-0000-0000-000000000000');

/**
 * Carries out what two people decided about money that is left in a closed wallet, or was set aside for its owner: a
 * withdrawal to the owner's card, whose id follows from the decision, back into a wallet that is open again, or the wallet
 * is opened for its owner. A payment that its bank refuses makes the case theirs again. Each round goes on where the last one ended, so that payments
 * which a bank does not answer keep none of the others waiting.
 */
export function createLeftPayer(deps: Dependencies): { pay: () => Promise<number> } {
  let after = FIRST_ID;
  return {
    async pay() {
      const due = await findDue(deps.database, after);
      for (const one of due) {
        try {
          if (one.cardId) await payOut(deps, { ...one, cardId: one.cardId });
          else await (one.outcome === 'reopened' ? reopen(deps, one) : giveBack(deps, one));
        } catch (error) {
          deps.onFault(error, `what is left of ${one.subject}`);
        }
      }
      after = due.length === HAND ? (due.at(-1)?.decisionId ?? FIRST_ID) : FIRST_ID;
      return 0;
    },
  };
}

type Row = {
  id: string;
  subject: string;
  person_id: string;
  outcome: HandOutcome;
  card_id: string | null;
  amount_minor: bigint | null;
};

async function findDue(database: Database, after: Uuid): Promise<Due[]> {
  const found = await sql<Row>`
    select d.id, d.operation_key as subject, coalesce(o.owner_id, d.operation_key) as person_id, d.outcome, d.card_id,
      d.amount_minor
    from review_confirmation c join review_decision d on d.id = c.decision_id
      left join operation o on o.key = d.operation_key
    where d.about = 'left' and d.id > ${after}
      and not exists (select 1 from review_booking b where b.decision_id = d.id)
      and not exists (select 1 from review_denial n where n.decision_id = d.id)
    order by d.id limit ${HAND}`.execute(database.kysely);
  return found.rows.map((row) => ({
    decisionId: uuid(row.id),
    subject: uuid(row.subject),
    personId: uuid(row.person_id),
    outcome: row.outcome,
    cardId: row.card_id === null ? null : uuid(row.card_id),
    amountMinor: row.amount_minor,
  }));
}

type Payment = Due & { cardId: Uuid };

async function payOut(deps: Dependencies, due: Payment): Promise<void> {
  const { decisionId, personId } = due;
  const id = deriveId(decisionId, 'withdrawal');
  const key = operationKey(personId, id);
  const operation = (await deps.operations.byKey(key)) ?? (await start(deps, due, id));
  if (!operation?.endedAt) return;
  if (operation.state === 'succeeded') {
    return recordBooking(deps, { decisionId, transferId: deriveId(key, 'money') });
  }
  await end(deps, due, operation.cause ?? (operation.state === 'cancelled' ? IS_OPEN : operation.state));
}

const IS_OPEN = 'the wallet is open again';

async function start(deps: Dependencies, due: Payment, id: Uuid): Promise<OperationRecord | undefined> {
  const { decisionId, subject, cardId, personId, amountMinor } = due;
  const { language, accountState } = await loadPerson(deps.database.kysely, personId);
  if (accountState !== 'closed') {
    await end(deps, due, IS_OPEN);
    return undefined;
  }
  const actor = { personId, visitorId: personId, sessionId: personId, language, ip: '' };
  const input = {
    left: { decisionId, subject, cardId, amountMinor: amountMinor === null ? null : String(amountMinor) },
  };
  try {
    return await deps.operations.start({ ownerId: personId, id, kind: 'withdraw', input, actor });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // Another one of this wallet is under way: it is this one's turn later.
    if (!error.code.startsWith('operation.')) await end(deps, due, error.code);
    return undefined;
  }
}

/** Not paid. What had been set aside may be in the wallet by then, and is what is left in it from now on. */
async function end(deps: Dependencies, { decisionId, subject }: Due, because: string): Promise<void> {
  const { database, clock, ledger } = deps;
  const transferId = giveBackId(subject);
  if (await ledger.transfer(transferId)) return recordBooking(deps, { decisionId, transferId });
  await deny(database.kysely, { decisionId, because, at: clock.now() });
}

async function giveBack(deps: Dependencies, due: Due): Promise<void> {
  const { database, ledger } = deps;
  const { accountState, balanceAccount } = await loadPerson(database.kysely, due.personId);
  if (accountState === 'closed') return end(deps, due, 'the wallet is closed');
  const back = await giveBackOf(ledger, due.subject, accountId(balanceAccount));
  if (!back) return end(deps, due, 'nothing of it was set aside');
  const [[outcome] = []] = await ledger.post([[back]]);
  await end(deps, due, outcome?.outcome === 'refused' ? `the ledger says ${outcome.reason}` : 'not booked');
}

/** For whoever has no card that is bound any more: what is left is theirs again in the wallet, with all that holds there. */
async function reopen(deps: Dependencies, due: Due): Promise<void> {
  const { decisionId, personId } = due;
  const isSetAside = due.subject !== personId;
  const book = (tx?: Transaction) => recordBooking(deps, { decisionId, transferId: null }, tx);
  // Somebody may have opened it before, and stopped it since, also in this very moment: that stays.
  const opened = await changeAccount(deps, personId, {
    by: { decisionId },
    lift: ({ state }) => state === 'closed',
    when: async (_now, db) => !(await isUsed(db, decisionId)),
    also: async (tx, { before, after }) => {
      const template = templateOf(before, after);
      const told = { id: deriveId(decisionId, 'told'), personId, now: deps.clock.now() };
      if (template) await recordMessage(tx, { ...told, template });
      // With it: who dies here would open it once more, after it was closed again.
      if (!isSetAside) await book(tx);
    },
  });
  if (isSetAside) return giveBack(deps, due);
  if (!opened) await book();
}

/** What was decided opens an account once: who closed it since did so for good. */
async function isUsed(db: Database['kysely'] | Transaction, decisionId: Uuid): Promise<boolean> {
  const { rows } = await sql`select 1 from account_stop where end_decision_id = ${decisionId}`.execute(db);
  return rows.length > 0;
}
