import { sql } from 'kysely';
import { uuidArray } from '../database/column-types.ts';
import type { Database, Transaction } from '../database/database.ts';
import { currencyCode } from '../kernel/currencies.ts';
import { assert } from '../kernel/assert.ts';
import type { FailureParams } from '../kernel/failure.ts';
import { uuid, type Uuid } from '../kernel/ids.ts';
import { money } from '../kernel/money.ts';
import type { EndState, JsonObject, MoneyMoved, OperationRecord, WaitingState } from './flow.ts';

/** The SQL of operations; nothing else writes their tables. */

type Row = {
  key: string;
  owner_id: string;
  id: string;
  kind: string;
  state: WaitingState | EndState;
  step: string;
  fingerprint: Buffer;
  intent: string | null;
  data: JsonObject;
  draft: Buffer | null;
  result: JsonObject | null;
  cause: string | null;
  cause_params: FailureParams;
  money_moved: MoneyMoved;
  currency: string | null;
  amount_minor: bigint | null;
  policy_version: string;
  deadline_at: Date | null;
  wake_at: Date | null;
  fence: bigint;
  attempts: number;
  version: number;
  created_at: Date;
  updated_at: Date;
  ended_at: Date | null;
};

export type StoredOperation = { record: OperationRecord; fingerprint: Buffer; draft: Buffer | null; fence: bigint };

function read(row: Row): StoredOperation {
  const currency = row.currency === null ? undefined : currencyCode(row.currency);
  assert(row.currency === null || currency, 'operation with an unknown currency');
  return {
    fingerprint: row.fingerprint,
    draft: row.draft,
    fence: row.fence,
    record: {
      key: uuid(row.key),
      ownerId: uuid(row.owner_id),
      id: uuid(row.id),
      kind: row.kind,
      state: row.state,
      step: row.step,
      data: row.data,
      result: row.result,
      cause: row.cause,
      causeParams: row.cause_params,
      moneyMoved: row.money_moved,
      amount: currency && row.amount_minor !== null ? money(row.amount_minor, currency) : null,
      policyVersion: row.policy_version,
      deadlineAt: row.deadline_at,
      wakeAt: row.wake_at,
      attempts: row.attempts,
      version: row.version,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      endedAt: row.ended_at,
    },
  };
}

type Reader = Database['kysely'] | Transaction;
const one = (rows: Row[]): StoredOperation | undefined => (rows[0] ? read(rows[0]) : undefined);

export async function findByKey(db: Reader, key: Uuid): Promise<StoredOperation | undefined> {
  return one((await sql<Row>`select * from operation where key = ${key}`.execute(db)).rows);
}

/** Many at once, for whoever must be quick: a prepared statement. */
export async function findStored(database: Database, keys: readonly Uuid[]): Promise<Map<Uuid, StoredOperation>> {
  const { rows } = await database.pool.query<Row>({
    name: 'operations_by_key',
    text: 'select * from operation where key = any($1::uuid[])',
    values: [uuidArray(keys)],
  });
  return new Map(rows.map((row) => [uuid(row.key), read(row)]));
}

export type Unfinished = { intent: string | null; record: OperationRecord };
export type Around = { known: StoredOperation | undefined; unfinished: readonly Unfinished[] };

/** The operations with these keys, and what their owners have unfinished that has an intent; in the order of the questions. */
export async function findAround(
  database: Database,
  asked: readonly { key: Uuid; ownerId: Uuid }[],
): Promise<Around[]> {
  const { rows } = await database.pool.query<Row & { is_known: boolean }>({
    name: 'operations_around',
    // Owner by owner, or a plan made while few are open goes through all open ones for each.
    text: `select true as is_known, * from operation where key = any($1::uuid[])
      union all
      select false, o.* from unnest($2::uuid[]) as asked(owner_id) cross join lateral (
        select * from operation where owner_id = asked.owner_id and intent is not null and ended_at is null) o`,
    values: [uuidArray(asked.map(({ key }) => key)), uuidArray([...new Set(asked.map(({ ownerId }) => ownerId))])],
  });
  if (rows.length === 0) return asked.map(() => NOTHING_AROUND);
  const known = new Map(rows.filter((row) => row.is_known).map((row) => [row.key, read(row)]));
  const unfinished = rows
    .filter((row) => !row.is_known)
    .map((row) => ({ intent: row.intent, record: read(row).record }));
  return asked.map(({ key, ownerId }) => ({
    known: known.get(key),
    unfinished: unfinished.filter(({ record }) => record.ownerId === ownerId),
  }));
}
const NOTHING_AROUND: Around = { known: undefined, unfinished: [] };

export async function findByKeys(db: Reader, keys: readonly Uuid[]): Promise<Map<Uuid, OperationRecord>> {
  const found = await sql<Row>`select * from operation where key = any(${keys}::uuid[])`.execute(db);
  return new Map(found.rows.map((row) => [uuid(row.key), read(row).record]));
}

export async function findByIntent(db: Reader, ownerId: Uuid, intent: string): Promise<StoredOperation | undefined> {
  return one(
    (
      await sql<Row>`select * from operation where owner_id = ${ownerId} and intent = ${intent} and ended_at is null`.execute(
        db,
      )
    ).rows,
  );
}

export type ListQuery = { ownerId: Uuid; open?: boolean; before?: { createdAt: Date; key: Uuid }; limit: number };

/** Newest first. */
export async function listByOwner(db: Reader, query: ListQuery): Promise<OperationRecord[]> {
  const open = query.open ? sql`and ended_at is null` : sql``;
  const before = query.before
    ? sql`and (created_at, key) < (${query.before.createdAt}, ${query.before.key}::uuid)`
    : sql``;
  const found = await sql<Row>`
    select * from operation where owner_id = ${query.ownerId} ${open} ${before}
    order by created_at desc, key desc limit ${query.limit}`.execute(db);
  return found.rows.map((row) => read(row).record);
}

export type NewOperation = {
  key: Uuid;
  ownerId: Uuid;
  id: Uuid;
  kind: string;
  state: WaitingState;
  step: string;
  fingerprint: Buffer;
  intent: string | null;
  data: JsonObject;
  draft: Buffer | null;
  moneyMoved: MoneyMoved;
  currency: string | null;
  amountMinor: bigint | null;
  policyVersion: string;
  lane: string;
  deadlineAt: Date;
  wakeAt: Date;
  now: Date;
};

/** Nothing when this owner's id is there already, or an unfinished one of the same intent. */
export async function insertOperation(tx: Transaction, o: NewOperation): Promise<StoredOperation | undefined> {
  const done = await sql<Row>`
    insert into operation (key, owner_id, id, kind, state, step, fingerprint, intent, data, draft, money_moved, currency,
      amount_minor, policy_version, lane, deadline_at, wake_at, created_at, updated_at)
    values (${o.key}, ${o.ownerId}, ${o.id}, ${o.kind}, ${o.state}, ${o.step}, ${o.fingerprint}, ${o.intent},
      ${JSON.stringify(o.data)}::jsonb, ${o.draft}, ${o.moneyMoved}, ${o.currency}, ${o.amountMinor}, ${o.policyVersion},
      ${o.lane}, ${o.deadlineAt}, ${o.wakeAt}, ${o.now}, ${o.now})
    on conflict do nothing returning *`.execute(tx);
  return one(done.rows);
}

/** Takes the lease of a step that is due, if nobody holds it. Committed before the step runs, so a second run knows of the first. */
export async function claimOperation(
  db: Reader,
  key: Uuid,
  now: Date,
  leaseUntil: Date,
): Promise<StoredOperation | undefined> {
  return one(
    (
      await sql<Row>`
        update operation set fence = fence + 1, lease_until = ${leaseUntil}, attempts = attempts + 1
        where key = ${key} and ended_at is null and wake_at <= ${now} and (lease_until is null or lease_until <= ${now})
        returning *`.execute(db)
    ).rows,
  );
}

/** What is due and not being worked on, the longest due first, without full lanes and what is under way here. */
export async function dueKeys(
  db: Reader,
  now: Date,
  { limit, notInLanes, except }: { limit: number; notInLanes: readonly string[]; except: readonly Uuid[] },
): Promise<{ key: Uuid; lane: string }[]> {
  const due = await sql<{ key: string; lane: string }>`
    select key, lane from operation
    where wake_at <= ${now} and (lease_until is null or lease_until <= ${now})
      and lane <> all(${notInLanes}::text[]) and key <> all(${except}::uuid[])
    order by wake_at limit ${limit}`.execute(db);
  return due.rows.map((row) => ({ key: uuid(row.key), lane: row.lane }));
}

/** Makes an open operation due now; what waits for a person is left alone. */
export async function wakeNow(db: Reader, key: Uuid, now: Date): Promise<void> {
  await sql`update operation set wake_at = ${now}
    where key = ${key} and ended_at is null and state <> 'needs_you' and wake_at > ${now}`.execute(db);
}

/**
 * The same on somebody's wish, of whom many may come: not within `gapMs` of the last one and, where the gap grows, not
 * more often than twenty times while its age doubles, so that they stay few however long it lasts. False: not now.
 */
export async function wakeOnWish(
  db: Reader,
  key: Uuid,
  now: Date,
  gap: { ms: number; grows: boolean },
): Promise<boolean> {
  const woken = await sql`
    update operation set wake_at = ${now}, asked_at = ${now}
    where key = ${key} and ended_at is null and state <> 'needs_you' and wake_at > ${now}
      and (asked_at is null or asked_at <= ${now}::timestamptz - greatest(make_interval(secs => ${gap.ms / 1000}),
        case when ${gap.grows} then (${now}::timestamptz - created_at) / 20 end))`.execute(db);
  return woken.numAffectedRows === 1n;
}

/** Gives the lease back after a fault, to be tried again at `wakeAt`. Not when the step was left after all: an answer to a commit may be lost. */
export async function releaseAfterFault(db: Reader, claimed: StoredOperation, wakeAt: Date): Promise<void> {
  const { key, version } = claimed.record;
  await sql`update operation set lease_until = null, wake_at = ${wakeAt}
    where key = ${key} and fence = ${claimed.fence} and version = ${version} and ended_at is null`.execute(db);
}

export type Update = {
  state: WaitingState | EndState;
  step: string;
  data: JsonObject;
  draft: Buffer | null;
  result: JsonObject | null;
  cause: string | null;
  causeParams: FailureParams;
  moneyMoved: MoneyMoved;
  deadlineAt: Date | null;
  wakeAt: Date | null;
  attempts: number;
  endedAt: Date | null;
  now: Date;
};

/** Writes a move, and gives the operation after it; nothing when somebody else moved it meanwhile. */
export async function updateOperation(
  tx: Transaction,
  from: StoredOperation,
  u: Update,
): Promise<StoredOperation | undefined> {
  const done = await sql<Row>`
    update operation set state = ${u.state}, step = ${u.step}, data = ${JSON.stringify(u.data)}::jsonb, draft = ${u.draft},
      result = ${u.result === null ? null : JSON.stringify(u.result)}::jsonb, cause = ${u.cause},
      cause_params = ${JSON.stringify(u.causeParams)}::jsonb, money_moved = ${u.moneyMoved}, deadline_at = ${u.deadlineAt},
      wake_at = ${u.wakeAt}, lease_until = null, attempts = ${u.attempts}, version = version + 1, updated_at = ${u.now},
      ended_at = ${u.endedAt}
    where key = ${from.record.key} and version = ${from.record.version} and fence = ${from.fence} and ended_at is null
    returning *`.execute(tx);
  return one(done.rows);
}

export type NewEvent = {
  key: Uuid;
  kind: string;
  at: Date;
  event: string;
  from: string | null;
  to: string | null;
  attempt: number | null;
  cause: string | null;
  actor: string;
  detail: JsonObject;
};

/** Adds to the history. The caller holds the operation's row, so that numbers have no gaps. */
export async function insertEvent(tx: Transaction, e: NewEvent): Promise<void> {
  await sql`
    insert into operation_event (operation_key, seq, at, event, kind, from_step, to_step, attempt, cause, actor, detail)
    select ${e.key}, coalesce(max(seq), 0) + 1, ${e.at}, ${e.event}, ${e.kind}, ${e.from}, ${e.to}, ${e.attempt}::int, ${e.cause},
      ${e.actor}, ${JSON.stringify(e.detail)}::jsonb
    from operation_event where operation_key = ${e.key}`.execute(tx);
}

export async function lockOperation(tx: Transaction, key: Uuid): Promise<void> {
  await sql`select 1 from operation where key = ${key} for update`.execute(tx);
}

export type OperationEvent = {
  seq: number;
  at: Date;
  event: string;
  step: string | null;
  attempt: number | null;
  cause: string | null;
  actor: string;
  detail: JsonObject;
};

/** The one event of an operation that ended as it began, and what of its data tells it. */
export const BOOKED = 'booked';

/** How many events of one operation are read: an outcome that is asked about for weeks has thousands. */
const MOST_EVENTS = 200;

/** The latest events of each of these operations, the oldest first. */
export async function readEvents(db: Reader, keys: readonly Uuid[]): Promise<Map<Uuid, OperationEvent[]>> {
  const found = await sql<OperationEvent & { key: string }>`
    select asked.key, latest.* from unnest(${keys}::uuid[]) as asked(key) cross join lateral (
      select seq, at, event, coalesce(to_step, from_step) as step, attempt, cause, actor, detail
      from operation_event where operation_key = asked.key order by seq desc limit ${MOST_EVENTS}) latest
    union all
    select key, 1, ended_at, ${BOOKED}::text, step, null, null, 'person', data -> ${BOOKED}::text
    from operation where key = any(${keys}::uuid[]) and data ? ${BOOKED}
    order by key, seq`.execute(db);
  const events = new Map<Uuid, OperationEvent[]>(keys.map((key) => [key, []]));
  for (const { key, ...event } of found.rows) events.get(uuid(key))?.push(event);
  return events;
}

/** Writes the declared moves down, so that the database refuses all others. */
export async function recordMoves(db: Reader, moves: { kind: string; from: string; to: string }[]): Promise<void> {
  const column = (pick: (move: (typeof moves)[number]) => string) => moves.map(pick);
  await sql`
    insert into operation_move (kind, from_step, to_step)
    select * from unnest(${column((m) => m.kind)}::text[], ${column((m) => m.from)}::text[], ${column((m) => m.to)}::text[])
    on conflict do nothing`.execute(db);
}
