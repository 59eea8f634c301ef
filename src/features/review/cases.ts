import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { currencyCode } from '../../kernel/currencies.ts';
import { humanReference, toPublicId, uuid, type Uuid } from '../../kernel/ids.ts';
import { money, type Money } from '../../kernel/money.ts';
import type { Database } from '../../database/database.ts';
import type { JsonObject } from '../../operations/flow.ts';
import type { HandOutcome } from '../banks/by-hand.ts';
import type { CaseAbout } from './decisions.ts';

/**
 * Something that only people can end: an outcome that a bank leaves open, its word against what has ended, or money that
 * is left where its owner cannot use it.
 */
export type Case = {
  /** How operators name it: `case_…`, or the reference that its person reads out. */
  id: string;
  reference: string;
  operationKey: Uuid;
  about: Exclude<CaseAbout, 'account'>;
  /** `wallet`: what was left in one when it was closed. */
  kind: 'top_up' | 'withdraw' | 'wallet';
  state: string;
  amount: Money;
  personId: Uuid;
  bankCode: string;
  /** Ours, by which the bank knows the request. */
  bankReference: string;
  last4: string;
  startedAt: Date;
  /** Null where nobody wrote it down: what was left when a wallet was closed. */
  since: Date | null;
  /** By when its person was promised to hear; null for a break, of which nobody was told. */
  promisedUntil: Date | null;
  /** Of a break: what the bank said against the end of the operation. */
  theirs: string | null;
};

type Row = {
  key: string;
  about: Exclude<CaseAbout, 'account'>;
  kind: Case['kind'];
  state: string;
  currency: string;
  amount_minor: bigint;
  owner_id: string;
  data: JsonObject;
  created_at: Date;
  since: Date | null;
  deadline_at: Date | null;
  theirs: string | null;
};

const text = (data: JsonObject, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? value : '';
};

function read(row: Row): Case {
  const key = uuid(row.key);
  const currency = currencyCode(row.currency);
  assert(currency, 'a movement has a currency');
  return {
    id: toPublicId('case', key),
    reference: humanReference(key),
    operationKey: key,
    about: row.about,
    kind: row.kind,
    state: row.state,
    amount: money(row.amount_minor, currency),
    personId: uuid(row.owner_id),
    bankCode: text(row.data, 'bankCode'),
    bankReference: text(row.data, 'reference'),
    last4: text(row.data, 'last4'),
    startedAt: row.created_at,
    since: row.since,
    promisedUntil: row.deadline_at,
    theirs: row.theirs,
  };
}

type Sql = ReturnType<typeof sql>;
const isDecided = (key: Sql, about: Sql) => sql`exists (
  select 1 from review_confirmation c where c.operation_key = ${key} and c.about = ${about}
    and not exists (select 1 from review_denial n where n.decision_id = c.decision_id))`;
/** What was paid out of a wallet before says nothing of what is left in it now. */
const isUnderWay = (key: Sql) => sql`exists (
  select 1 from review_confirmation c where c.operation_key = ${key} and c.about = 'left'
    and not exists (select 1 from review_denial n where n.decision_id = c.decision_id)
    and not exists (select 1 from review_booking b where b.decision_id = c.decision_id))`;

/**
 * Every open case, also a return that is decided and waits for its bank to say so; those whose promise is broken or breaks
 * first stand first.
 */
export async function listCases(database: Database): Promise<Case[]> {
  const found = await sql<Row>`
    select o.key, o.step as about, o.kind, o.state, o.currency, o.amount_minor, o.owner_id, o.data, o.created_at,
      o.deadline_at, null as theirs,
      (select max(e.at) from operation_event e
        where e.operation_key = o.key and e.to_step = o.step and e.from_step <> o.step) as since
    from operation o
    where o.ended_at is null and o.state = 'in_review'
      and (o.step = 'unreturned' or (o.step = 'reconciling' and not ${isDecided(sql`o.key`, sql`o.step`)}))
    union all
    select o.key, 'break', o.kind, o.state, o.currency, o.amount_minor, o.owner_id, o.data, o.created_at, null, b.theirs,
      b.found_at
    from reconciliation_break b join operation o on o.key = b.operation_key
    where not ${isDecided(sql`o.key`, sql`'break'`)}
    union all
    select o.key, 'left', o.kind, o.state, o.currency, o.amount_minor, o.owner_id, o.data, o.created_at, null, null,
      b.booked_at
    from review_booking b join review_decision d on d.id = b.decision_id join operation o on o.key = d.operation_key
    where b.set_aside and not ${isDecided(sql`o.key`, sql`'left'`)}
    union all
    select p.id, 'left', 'wallet', p.account_state, 'CNY', p.left_minor, p.id, '{}', p.created_at, null, null, null
    from person p
    where p.left_minor > 0 and not ${isUnderWay(sql`p.id`)}
    order by 10 nulls last, 12`.execute(database.kysely);
  return found.rows.map(read);
}

/** How many cases wait for people, and how many of these are past the word that was given. */
export async function countCases({ database, clock }: { database: Database; clock: Clock }): Promise<CaseCount> {
  const cases = await listCases(database);
  const now = clock.now();
  const late = cases.filter(({ promisedUntil }) => promisedUntil !== null && promisedUntil <= now);
  return { waiting: cases.length, late: late.length };
}
export type CaseCount = { waiting: number; late: number };
export const addCounts = (a: CaseCount, b: CaseCount): CaseCount => ({
  waiting: a.waiting + b.waiting,
  late: a.late + b.late,
});

/** The case that an operator names, by its id or by the reference that its person reads out. */
export const findCase = (cases: readonly Case[], name: string): Case | undefined =>
  cases.find(({ id, reference }) => id === name || reference === name.toUpperCase());

/** What people may find out about a case, the likeliest first. */
export function outcomesOf({ about, kind }: Pick<Case, 'about' | 'kind'>): readonly HandOutcome[] {
  if (about === 'left') return kind === 'wallet' ? ['paid_out', 'reopened'] : ['paid_out', 'given_back', 'reopened'];
  if (about === 'unreturned') return ['returned'];
  const pair: readonly HandOutcome[] = kind === 'top_up' ? ['debited', 'not_debited'] : ['credited', 'not_credited'];
  return about === 'break' ? [...pair, 'returned'] : pair;
}
