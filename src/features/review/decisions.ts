import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/database.ts';
import { addMs, minuteMs, type Clock } from '../../kernel/clock.ts';
import { newId, uuid, type Uuid } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { HandOutcome, HandVerdict } from '../banks/by-hand.ts';
import { receiveNotice } from '../banks/receive-notice.ts';
import { giveBackId } from '../books/set-aside.ts';

/**
 * What waits for people: a step of an operation, a word of a bank against an operation that has ended, money that is left
 * in a closed wallet, or the state of an account.
 */
export type CaseAbout = 'reconciling' | 'unreturned' | 'break' | 'left' | 'account';

export type Decision = {
  id: Uuid;
  /** What the case is known by: its operation, or for what is left in a wallet and for its account its person. */
  operationKey: Uuid;
  about: CaseAbout;
  outcome: HandOutcome;
  bankReference: string | null;
  /** Of `paid_out`. */
  cardId: Uuid | null;
  /** Of `lifted`: which stop of the account. */
  stopId: Uuid | null;
  because: string;
  operator: string;
  decidedAt: Date;
  /** Of the case when it was found; null in what was found before this was written down. */
  amountMinor: bigint | null;
  /** Why nobody can confirm it any more. */
  lapsed: Lapsed | undefined;
  confirmed: { operator: string; because: string; at: Date } | undefined;
  /** Why it could not be carried out. */
  denied: { because: string; at: Date } | undefined;
  isBooked: boolean;
  /** What was booked, where the decision was carried out. */
  transferId: Uuid | null;
};

/**
 * The case was decided and ended since, another amount is meant by it now, who found it may decide no more, or what proves
 * it has proven another case.
 */
export type Lapsed = 'round' | 'amount' | 'operator' | 'reference';

type Row = {
  id: string;
  operation_key: string;
  about: CaseAbout;
  outcome: HandOutcome;
  bank_reference: string | null;
  card_id: string | null;
  stop_id: string | null;
  because: string;
  operator: string;
  decided_at: Date;
  amount_minor: bigint | null;
  lapsed: Lapsed | null;
  second: string | null;
  second_because: string | null;
  confirmed_at: Date | null;
  denied_because: string | null;
  denied_at: Date | null;
  is_booked: boolean;
  transfer_id: string | null;
};

const read = (row: Row): Decision => ({
  id: uuid(row.id),
  operationKey: uuid(row.operation_key),
  about: row.about,
  outcome: row.outcome,
  bankReference: row.bank_reference,
  cardId: row.card_id === null ? null : uuid(row.card_id),
  stopId: row.stop_id === null ? null : uuid(row.stop_id),
  because: row.because,
  operator: row.operator,
  decidedAt: row.decided_at,
  amountMinor: row.amount_minor,
  lapsed: row.lapsed ?? undefined,
  confirmed:
    row.second !== null && row.second_because !== null && row.confirmed_at !== null
      ? { operator: row.second, because: row.second_because, at: row.confirmed_at }
      : undefined,
  denied:
    row.denied_because !== null && row.denied_at !== null
      ? { because: row.denied_because, at: row.denied_at }
      : undefined,
  isBooked: row.is_booked,
  transferId: row.transfer_id === null ? null : uuid(row.transfer_id),
});

/** Every decision about an operation, the oldest first; also those that nobody confirmed. */
export async function readDecisions(database: Database, operationKey: Uuid): Promise<Decision[]> {
  const found = await sql<Row>`
    select d.*, c.operator as second, c.because as second_because, c.confirmed_at,
      n.because as denied_because, n.denied_at, b.decision_id is not null as is_booked, b.transfer_id,
      case when d.round is distinct from review_round(d.operation_key, d.about) then 'round'
        when d.amount_minor is distinct from review_amount(d.operation_key, d.about) then 'amount'
        when f.removed_at is not null then 'operator'
        when review_is_proof_used(d.id) then 'reference' end as lapsed
    from review_decision d join operator f on f.name = d.operator
      left join review_confirmation c on c.decision_id = d.id
      left join review_denial n on n.decision_id = d.id left join review_booking b on b.decision_id = d.id
    where d.operation_key = ${operationKey} order by d.decided_at, d.id`.execute(database.kysely);
  return found.rows.map(read);
}

/** What two people decided about this step of an operation, once both have. */
export async function readVerdict(
  database: Database,
  operationKey: Uuid,
  about: CaseAbout,
): Promise<HandVerdict | undefined> {
  const confirmed = (await readDecisions(database, operationKey)).find(
    (decision) => decision.about === about && decision.confirmed && !decision.denied,
  );
  if (!confirmed?.confirmed) return undefined;
  const { id, outcome, operator, bankReference } = confirmed;
  return { decisionId: id, outcome, operator, bankReference, second: confirmed.confirmed.operator };
}

/** What was decided could not be carried out: the case is open again. Once, whoever says so, and not of what was. */
export async function deny(
  db: Database['kysely'] | Transaction,
  { decisionId, because, at }: { decisionId: Uuid; because: string; at: Date },
): Promise<void> {
  await sql`
    insert into review_denial (decision_id, because, denied_at) select ${decisionId}, ${because}, ${at}
    where not exists (select 1 from review_booking where decision_id = ${decisionId})
    on conflict do nothing`.execute(db);
}

/** What was booked for a decision, if anything; once, whoever says so. */
export async function recordBooking(
  { database, clock }: { database: Database; clock: Clock },
  { decisionId, transferId, isSetAside = false }: { decisionId: Uuid; transferId: Uuid | null; isSetAside?: boolean },
  tx?: Transaction,
): Promise<void> {
  await sql`
    insert into review_booking (decision_id, transfer_id, booked_at, set_aside)
    values (${decisionId}, ${transferId}, ${clock.now()}, ${isSetAside}) on conflict do nothing`.execute(
    tx ?? database.kysely,
  );
}

export type Finding = Pick<Decision, 'operationKey' | 'about' | 'outcome' | 'because' | 'operator'> &
  Partial<Pick<Decision, 'bankReference' | 'cardId' | 'stopId'>>;

/** Writes down what one operator found. It does nothing until another one confirms it. */
export async function propose(
  deps: { database: Database; clock: Clock; random: Random },
  decision: Finding,
  tx?: Transaction,
): Promise<Uuid> {
  const id = newId(deps.clock, deps.random);
  await sql`
    insert into review_decision (id, operation_key, about, outcome, bank_reference, card_id, stop_id, because, operator, decided_at)
    values (${id}, ${decision.operationKey}, ${decision.about}, ${decision.outcome}, ${decision.bankReference ?? null},
      ${decision.cardId ?? null}, ${decision.stopId ?? null}, ${decision.because}, ${decision.operator}, ${deps.clock.now()})`.execute(
    tx ?? deps.database.kysely,
  );
  return id;
}

/** How long after a decision the bank is asked once more; what it says against it then becomes a break. */
const ASK_AFTER_MS = 10 * minuteMs;

/**
 * The second of the two; the wallet carries it out. Gives why not: a decision about this case was confirmed already, and is
 * neither denied nor, of what is left in a wallet and of an account, carried out; or this one has lapsed. The database holds to both, and refuses
 * the same operator twice.
 */
export async function confirm(
  deps: { database: Database; clock: Clock },
  decision: Pick<Decision, 'id' | 'operationKey' | 'about'>,
  { operator, because, bank }: Confirmed,
): Promise<Lapsed | 'confirmed' | undefined> {
  const { id, operationKey, about } = decision;
  const lapsed = await whyNot(deps.database, decision);
  if (lapsed) return lapsed;
  // First: a process that dies between the two has asked once too often, not once too little.
  if (bank) await receiveNotice(deps, { ...bank, eventId: `review ${id}` }, addMs(deps.clock.now(), ASK_AFTER_MS));
  const insert = sql`
    insert into review_confirmation (decision_id, operation_key, about, round, because, operator, confirmed_at)
    select id, operation_key, about, round, ${because}, ${operator}, ${deps.clock.now()}
    from review_decision where id = ${id} and operation_key = ${operationKey} and about = ${about}
    on conflict do nothing`;
  try {
    const written = await insert.execute(deps.database.kysely);
    return written.numAffectedRows === 1n ? undefined : 'confirmed';
  } catch (error) {
    // In this very moment.
    const since = await whyNot(deps.database, decision);
    if (since) return since;
    throw error;
  }
}

async function whyNot(
  database: Database,
  { id, operationKey, about }: Pick<Decision, 'id' | 'operationKey' | 'about'>,
): Promise<Lapsed | 'confirmed' | undefined> {
  const decisions = (await readDecisions(database, operationKey)).filter((each) => each.about === about);
  const isUnderWay = ({ confirmed, denied, isBooked }: Decision) =>
    confirmed && !denied && !((about === 'left' || about === 'account') && isBooked);
  return decisions.some(isUnderWay) ? 'confirmed' : decisions.find((each) => each.id === id)?.lapsed;
}

type Confirmed = {
  operator: string;
  because: string;
  /** What its bank is asked about once more afterwards, where there is one. */
  bank?: { bankCode: string; reference: string } | undefined;
};

/** Operations that stand at a step which two people have decided about are run now, until they have heard of it. */
export async function wakeDecided(deps: {
  database: Database;
  clock: Clock;
  operations: { wake: (key: Uuid) => Promise<boolean> };
}): Promise<number> {
  const found = await sql<{ key: string }>`
    select o.key from operation o join review_confirmation c on c.operation_key = o.key and c.about = o.step
    where o.state = 'in_review' and o.ended_at is null and o.wake_at > ${deps.clock.now()}
      and not exists (select 1 from operation_event e
        where e.operation_key = o.key and e.detail ->> 'decisionId' = c.decision_id::text)
    limit 32`.execute(deps.database.kysely);
  for (const { key } of found.rows) await deps.operations.wake(uuid(key));
  return 0;
}

/** What became of a confirmed decision; `undefined` until the wallet has carried it out, or could not. */
export async function whatBecameOf(
  database: Database,
  { id, operationKey, about }: Pick<Decision, 'id' | 'operationKey' | 'about'>,
): Promise<{ state: string } | { denied: string } | undefined> {
  const decision = (await readDecisions(database, operationKey)).find((each) => each.id === id);
  if (decision?.denied) return { denied: decision.denied.because };
  if (about === 'left' || about === 'account') return decision?.isBooked ? { state: endOf(decision) } : undefined;
  const found = await sql<{ state: string }>`
    select state from operation where key = ${operationKey} and case when ${about} = 'break'
      then ${decision?.isBooked ?? false}
      else ended_at is not null or (state = 'in_review' and step <> ${about}) end`.execute(database.kysely);
  return found.rows[0];
}

/** How money that was left has ended, what its bank did not take came to the wallet meanwhile; or an account. */
function endOf({ about, outcome, operationKey, transferId }: Decision): string {
  if (about === 'account') return outcome === 'closed' ? 'closed' : 'open';
  if (outcome === 'reopened') return 'in a wallet that is open again';
  if (outcome === 'given_back') return 'given back';
  return transferId === giveBackId(operationKey) ? 'not paid, and kept in the closed wallet from now on' : 'paid';
}
