import { sql } from 'kysely';
import type { Database } from '../../database/database.ts';
import { addMs, minuteMs, type Clock } from '../../kernel/clock.ts';
import { newId, uuid, type Uuid } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { HandOutcome, HandVerdict } from '../banks/by-hand.ts';
import { receiveNotice } from '../banks/receive-notice.ts';

/** What waits for people: a step of an operation, or a word of a bank against an operation that has ended. */
export type CaseAbout = 'reconciling' | 'unreturned' | 'break';

export type Decision = {
  id: Uuid;
  operationKey: Uuid;
  about: CaseAbout;
  outcome: HandOutcome;
  because: string;
  operator: string;
  decidedAt: Date;
  confirmed: { operator: string; because: string; at: Date } | undefined;
};

type Row = {
  id: string;
  operation_key: string;
  about: CaseAbout;
  outcome: HandOutcome;
  because: string;
  operator: string;
  decided_at: Date;
  second: string | null;
  second_because: string | null;
  confirmed_at: Date | null;
};

const read = (row: Row): Decision => ({
  id: uuid(row.id),
  operationKey: uuid(row.operation_key),
  about: row.about,
  outcome: row.outcome,
  because: row.because,
  operator: row.operator,
  decidedAt: row.decided_at,
  confirmed:
    row.second !== null && row.second_because !== null && row.confirmed_at !== null
      ? { operator: row.second, because: row.second_because, at: row.confirmed_at }
      : undefined,
});

/** Every decision about an operation, the oldest first; also those that nobody confirmed. */
export async function readDecisions(database: Database, operationKey: Uuid): Promise<Decision[]> {
  const found = await sql<Row>`
    select d.*, c.operator as second, c.because as second_because, c.confirmed_at
    from review_decision d left join review_confirmation c on c.decision_id = d.id
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
    (decision) => decision.about === about && decision.confirmed,
  );
  if (!confirmed?.confirmed) return undefined;
  const { id, outcome, operator } = confirmed;
  return { decisionId: id, outcome, operator, second: confirmed.confirmed.operator };
}

/** Writes down what one operator found. It does nothing until another one confirms it. */
export async function propose(
  deps: { database: Database; clock: Clock; random: Random },
  decision: Pick<Decision, 'operationKey' | 'about' | 'outcome' | 'because' | 'operator'>,
): Promise<Uuid> {
  const id = newId(deps.clock, deps.random);
  await sql`
    insert into review_decision (id, operation_key, about, outcome, because, operator, decided_at)
    values (${id}, ${decision.operationKey}, ${decision.about}, ${decision.outcome}, ${decision.because},
      ${decision.operator}, ${deps.clock.now()})`.execute(deps.database.kysely);
  return id;
}

/** How long after a decision the bank is asked once more; what it says against it then becomes a break. */
const ASK_AFTER_MS = 10 * minuteMs;

/**
 * The second of the two; the wallet carries it out. False when a decision about this case was confirmed already. The
 * database refuses the same operator twice.
 */
export async function confirm(
  deps: { database: Database; clock: Clock },
  decision: Decision,
  { operator, because, bank }: { operator: string; because: string; bank: { bankCode: string; reference: string } },
): Promise<boolean> {
  // First: a process that dies between the two has asked once too often, not once too little.
  await receiveNotice(deps, { ...bank, eventId: `review ${decision.id}` }, addMs(deps.clock.now(), ASK_AFTER_MS));
  const written = await sql`
    insert into review_confirmation (decision_id, operation_key, about, because, operator, confirmed_at)
    values (${decision.id}, ${decision.operationKey}, ${decision.about}, ${because}, ${operator}, ${deps.clock.now()})
    on conflict do nothing`.execute(deps.database.kysely);
  return written.numAffectedRows === 1n;
}

/** Operations that stand at a step which two people have decided about are run now. */
export async function wakeDecided(deps: {
  database: Database;
  clock: Clock;
  operations: { wake: (key: Uuid) => Promise<boolean> };
}): Promise<number> {
  const found = await sql<{ key: string }>`
    select o.key from operation o join review_confirmation c on c.operation_key = o.key and c.about = o.step
    where o.state = 'in_review' and o.ended_at is null and o.wake_at > ${deps.clock.now()} limit 32`.execute(
    deps.database.kysely,
  );
  for (const { key } of found.rows) await deps.operations.wake(uuid(key));
  return 0;
}

/** The state of the operation once the decision was carried out; `undefined` until then. */
export async function stateAfter(database: Database, decision: Decision): Promise<string | undefined> {
  const found = await sql<{ state: string }>`
    select state from operation where key = ${decision.operationKey} and case when ${decision.about} = 'break'
      then exists (select 1 from review_booking where decision_id = ${decision.id})
      else ended_at is not null or (state = 'in_review' and step <> ${decision.about}) end`.execute(database.kysely);
  return found.rows[0]?.state;
}
