import type { Uuid } from '../kernel/ids.ts';
import type { Money } from '../kernel/money.ts';
import { refusal } from '../causes/refusal.ts';
import type { Database } from '../database/database.ts';
import { gatherReads } from '../database/gather-reads.ts';
import { insertsInto, type Rider, type RiderTable, type TextWithGaps } from '../database/rider.ts';
import type { JsonObject, OperationRecord } from './flow.ts';
import * as store from './store.ts';

/**
 * Operations that are begun, decided and ended in one commit: their rows ride with the movement that they are about. One
 * that the ledger refuses leaves no trace, as a beginning that is refused never does, so its id stays free.
 */

const operationRows = insertsInto('operation', {
  key: 'uuid',
  owner_id: 'uuid',
  id: 'uuid',
  kind: 'text',
  state: 'text',
  step: 'text',
  fingerprint: 'bytea',
  data: 'jsonb',
  result: 'jsonb',
  money_moved: 'text',
  currency: 'text',
  amount_minor: 'int8',
  policy_version: 'text',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  ended_at: 'timestamptz',
});
const eventRows = insertsInto('operation_event', {
  operation_key: 'uuid',
  seq: 'int4',
  at: 'timestamptz',
  event: 'text',
  kind: 'text',
  from_step: 'text',
  to_step: 'text',
  actor: 'text',
  detail: 'jsonb',
});

/** The tables whose rows ride; the ledger is opened with them. */
export const operationRiders: readonly RiderTable[] = [operationRows.definition, eventRows.definition];

/** The one move that an instant operation makes; it is declared like every other. */
const instantMove = (kind: string) => ({ kind, from: 'start', to: 'succeeded' });

export type Instant = {
  key: Uuid;
  ownerId: Uuid;
  id: Uuid;
  kind: string;
  fingerprint: Buffer;
  data: JsonObject;
  amount: Money;
  policyVersion: string;
  /** What is recorded for support and reproduction. No personal data. */
  detail: JsonObject;
  actor: 'person' | 'merchant';
  now: Date;
};

const EVENT = 'booked';

/** The rows of an operation that succeeds with its movement; `result` may have gaps that the ledger fills. */
export function ridersOf(instant: Instant, result: string | TextWithGaps): Rider[] {
  const { key, kind, amount, now } = instant;
  return [
    operationRows.row({
      key,
      owner_id: instant.ownerId,
      id: instant.id,
      kind,
      state: 'succeeded',
      step: 'succeeded',
      fingerprint: instant.fingerprint,
      data: JSON.stringify(instant.data),
      result,
      money_moved: 'yes',
      currency: amount.currency,
      amount_minor: amount.minor,
      policy_version: instant.policyVersion,
      created_at: now,
      updated_at: now,
      ended_at: now,
    }),
    eventRows.row({
      operation_key: key,
      seq: 1,
      at: now,
      event: EVENT,
      kind,
      from_step: 'start',
      to_step: 'succeeded',
      actor: instant.actor,
      detail: JSON.stringify(instant.detail),
    }),
  ];
}

/** The operation and its history as they were just written, without reading them again. */
export function recordOf(
  instant: Instant,
  result: JsonObject,
): { record: OperationRecord; events: store.OperationEvent[] } {
  const { key, ownerId, id, kind, data, amount, policyVersion, now, detail } = instant;
  const event = {
    seq: 1,
    at: now,
    event: EVENT,
    step: 'succeeded',
    attempt: null,
    cause: null,
    actor: instant.actor,
    detail,
  };
  const record: OperationRecord = {
    key,
    ownerId,
    id,
    kind,
    state: 'succeeded',
    step: 'succeeded',
    data,
    result,
    cause: null,
    causeParams: {},
    moneyMoved: 'yes',
    amount,
    policyVersion,
    deadlineAt: null,
    wakeAt: null,
    attempts: 0,
    version: 0,
    createdAt: now,
    updatedAt: now,
    endedAt: now,
  };
  return { record, events: [event] };
}

export type Instants = {
  /** Writes the declared moves down; once, before the first operation. */
  prepare(): Promise<void>;
  /** The operation that has this key; refused with `operation.conflict` when it was about something else. */
  find(key: Uuid, fingerprint: Buffer): Promise<OperationRecord | undefined>;
  /** The same for many at once; each is told as `find` would tell it. */
  findAll(keys: readonly Uuid[]): Promise<(key: Uuid, fingerprint: Buffer) => OperationRecord | undefined>;
  /** Refuses with `operation.in_progress` while another operation of this owner moves money with the same intent. */
  refuseTwice(ownerId: Uuid, intent: string): Promise<void>;
  /** The operation that has this key, whatever it is about. */
  read(key: Uuid): Promise<OperationRecord | undefined>;
};

export function createInstants(deps: { database: Database; kinds: readonly string[] }): Instants {
  const db = deps.database.kysely;
  const findByKey = gatherReads<Uuid, store.StoredOperation | undefined>(async (keys) => {
    const found = await store.findStored(deps.database, keys);
    return keys.map((key) => found.get(key));
  });
  const findUnfinished = gatherReads((asked: readonly { ownerId: Uuid; intent: string }[]) =>
    store.findUnfinished(deps.database, asked),
  );
  return {
    async refuseTwice(ownerId, intent) {
      const other = await findUnfinished({ ownerId, intent });
      // One that waits for its owner moves nothing; it asks for the PIN first.
      if (!other || other.state === 'needs_you') return;
      const until = other.deadlineAt ?? other.updatedAt;
      throw refusal('operation.in_progress', { params: { until }, retryAt: until }).within({
        operationId: other.id,
        key: other.key,
      });
    },
    prepare: () => store.recordMoves(db, deps.kinds.map(instantMove)),
    read: async (key) => (await findByKey(key))?.record,
    find: async (key, fingerprint) => sameAs(await findByKey(key), fingerprint),
    async findAll(keys) {
      const found = await store.findStored(deps.database, keys);
      return (key, fingerprint) => sameAs(found.get(key), fingerprint);
    },
  };
}

/** Cause: `operation.conflict`, for one that was about something else. */
function sameAs(stored: store.StoredOperation | undefined, fingerprint: Buffer): OperationRecord | undefined {
  if (stored && !stored.fingerprint.equals(fingerprint)) {
    throw refusal('operation.conflict').within({ flow: stored.record.kind });
  }
  return stored?.record;
}
