import type { Uuid } from '../kernel/ids.ts';
import type { Money } from '../kernel/money.ts';
import { refusal } from '../causes/refusal.ts';
import type { Database } from '../database/database.ts';
import { gatherReads } from '../database/gather-reads.ts';
import { insertsInto, type Rider, type RiderTable, type TextWithGaps } from '../database/rider.ts';
import type { JsonObject, OperationRecord } from './flow.ts';
import * as store from './store.ts';

/**
 * Operations that are begun, decided and ended in one commit: their row rides with the movement that it is about. One
 * that the ledger refuses leaves no trace, as a beginning that is refused never does, so its id stays free. Such a row
 * never changes, so that it is its own history: nothing else is written of it (decision 0011).
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

/** The tables whose rows ride; the ledger is opened with them. */
export const operationRiders: readonly RiderTable[] = [operationRows.definition];

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
  now: Date;
};

/** With what its history is told from. */
const dataOf = ({ data, detail }: Instant): JsonObject => ({ ...data, [store.BOOKED]: detail });

/** The row of an operation that succeeds with its movement; `result` may have gaps that the ledger fills. */
export function riderOf(instant: Instant, result: string | TextWithGaps): Rider {
  const { now, amount } = instant;
  return operationRows.row({
    key: instant.key,
    owner_id: instant.ownerId,
    id: instant.id,
    kind: instant.kind,
    state: 'succeeded',
    step: 'succeeded',
    fingerprint: instant.fingerprint,
    data: JSON.stringify(dataOf(instant)),
    result,
    money_moved: 'yes',
    currency: amount.currency,
    amount_minor: amount.minor,
    policy_version: instant.policyVersion,
    created_at: now,
    updated_at: now,
    ended_at: now,
  });
}

/** The operation and its history as they were just written, without reading them again. */
export function recordOf(
  instant: Instant,
  result: JsonObject,
): { record: OperationRecord; events: store.OperationEvent[] } {
  const { key, ownerId, id, kind, amount, policyVersion, now } = instant;
  const event = {
    seq: 1,
    at: now,
    event: store.BOOKED,
    step: 'succeeded',
    attempt: null,
    cause: null,
    actor: 'person',
    detail: instant.detail,
  };
  const record: OperationRecord = {
    key,
    ownerId,
    id,
    kind,
    state: 'succeeded',
    step: 'succeeded',
    data: dataOf(instant),
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

export type Surroundings = {
  /** The operation that has this key already. */
  known: OperationRecord | undefined;
  /** Refuses with `operation.in_progress` while another operation of this owner moves money with the same intent. */
  refuseTwice: (intent: string) => void;
};

export type Instants = {
  /** The operation that has this key; refused with `operation.conflict` when it was about something else. */
  find(key: Uuid, fingerprint: Buffer): Promise<OperationRecord | undefined>;
  /** The operation that has this key, whatever it is about. */
  read(key: Uuid): Promise<OperationRecord | undefined>;
  /** What an operation is begun among, read together. Cause: that of `find`. */
  look(asked: { key: Uuid; ownerId: Uuid; fingerprint: Buffer }): Promise<Surroundings>;
};

export function createInstants(deps: { database: Database }): Instants {
  const findByKey = gatherReads<Uuid, store.StoredOperation | undefined>(async (keys) => {
    const found = await store.findStored(deps.database, keys);
    return keys.map((key) => found.get(key));
  });
  const findAround = gatherReads((asked: readonly { key: Uuid; ownerId: Uuid }[]) =>
    store.findAround(deps.database, asked),
  );
  return {
    async look({ key, ownerId, fingerprint }) {
      const { known, unfinished } = await findAround({ key, ownerId });
      return {
        known: sameAs(known, fingerprint),
        refuseTwice: (intent) => refuseTwice(unfinished.find((other) => other.intent === intent)?.record),
      };
    },
    read: async (key) => (await findByKey(key))?.record,
    find: async (key, fingerprint) => sameAs(await findByKey(key), fingerprint),
  };
}

/** One that waits for its owner moves nothing; it asks for the PIN first. */
function refuseTwice(other: OperationRecord | undefined): void {
  if (!other || other.state === 'needs_you') return;
  const until = other.deadlineAt ?? other.updatedAt;
  throw refusal('operation.in_progress', { params: { until }, retryAt: until }).within({
    operationId: other.id,
    key: other.key,
  });
}

/** Cause: `operation.conflict`, for one that was about something else. */
function sameAs(stored: store.StoredOperation | undefined, fingerprint: Buffer): OperationRecord | undefined {
  if (stored && !stored.fingerprint.equals(fingerprint)) {
    throw refusal('operation.conflict').within({ flow: stored.record.kind });
  }
  return stored?.record;
}
