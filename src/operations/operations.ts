import { assert } from '../kernel/assert.ts';
import { addMs, secondMs, type Clock } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { refusal } from '../causes/refusal.ts';
import type { Database } from '../database/database.ts';
import { declaredMoves, type Actor, type Flow, type JsonObject, type Move, type OperationRecord } from './flow.ts';
import { applyMove, recordRefusal } from './apply-move.ts';
import { createDriver } from './drive.ts';
import { operationKey } from './operation-key.ts';
import * as store from './store.ts';

export type OperationsDependencies = {
  database: Database;
  clock: Clock;
  /** A keyed digest of a request's content: equal content, equal digest; 32 bytes. */
  fingerprint: (content: unknown) => Buffer;
  seal: (plain: string, aad: string) => Buffer;
  open: (sealed: Buffer, aad: string) => string;
  flows: readonly Flow<never>[];
  /** Told of faults of our own; the operation goes on by itself. */
  onFault: (error: unknown, operation: { key: Uuid; kind: string; step: string }) => void;
};

export type Address = { ownerId: Uuid; id: Uuid };
export type Operations = ReturnType<typeof createOperations>;

/** How soon after one wish to ask the next one asks again. */
const WISH_GAP = { ms: 10 * secondMs, grows: true };
/** The same for a bank's word that it knows more. */
const WORD_GAP = { ms: 2 * secondMs, grows: false };
/** How long a request waits for the operation to move on before it answers with the state as it is. */
const INLINE_MS = 2500;

/**
 * The engine of durable flows. It guarantees: one operation per owner and id, whatever is repeated; only declared
 * moves; every step resumed after a crash, by whoever lives; what has ended never changes. Causes thrown here:
 * `operation.conflict`, `operation.not_found`, `operation.in_progress`, `operation.previous_unsettled`,
 * `operation.expired`, `operation.cancel_too_late`; all others come from the flows.
 */
export function createOperations(deps: OperationsDependencies) {
  const { database, clock } = deps;
  const db = database.kysely;
  const flows = new Map(deps.flows.map((flow) => [flow.kind, flow as unknown as Flow]));
  const listeners = new Map<Uuid, Set<() => void>>();

  const flowOf = (kind: string): Flow => {
    const flow = flows.get(kind);
    assert(flow, `no flow ${kind}`);
    return flow;
  };
  const about = (record: OperationRecord) => ({
    flow: record.kind,
    step: record.step,
    operationId: record.id,
    key: record.key,
  });
  const openDraft = (stored: store.StoredOperation): JsonObject | undefined =>
    stored.draft ? (JSON.parse(deps.open(stored.draft, `operation:${stored.record.key}`)) as JsonObject) : undefined;
  const sealDraft = (key: Uuid, draft: JsonObject): Buffer => deps.seal(JSON.stringify(draft), `operation:${key}`);
  const contextOf = (stored: store.StoredOperation) => ({
    draft: openDraft(stored),
    overdue: stored.record.deadlineAt !== null && stored.record.deadlineAt <= clock.now(),
  });
  const changed = (key: Uuid) => {
    for (const wake of listeners.get(key) ?? []) wake();
  };

  const ground = { database, clock, flowOf, sealDraft, changed };
  const driver = createDriver({ ...ground, contextOf, onFault: deps.onFault });
  const { drive, track } = driver;
  const apply = (stored: store.StoredOperation, move: Move, actor: string) => applyMove(ground, stored, move, actor);

  /** Drives for as long as a request can wait; what takes longer goes on without it. */
  async function driveInline(record: OperationRecord): Promise<OperationRecord> {
    const { key, state, wakeAt } = record;
    // Until its time is over it waits for its owner, and nothing runs by itself.
    if (state === 'needs_you' && wakeAt !== null && wakeAt > clock.now()) return record;
    const work = track(drive(key)).catch((error: unknown) =>
      deps.onFault(error, { key, kind: 'operation', step: 'drive' }),
    );
    const abort = new AbortController();
    await Promise.race([work, clock.sleep(INLINE_MS, abort.signal)]);
    abort.abort();
    const stored = await store.findByKey(db, key);
    assert(stored, 'an operation is never deleted');
    return stored.record;
  }

  async function load(address: Address): Promise<store.StoredOperation> {
    const stored = await store.findByKey(db, operationKey(address.ownerId, address.id));
    if (!stored) throw refusal('operation.not_found');
    return stored;
  }

  /** A second try of what is not settled yet: the unconfirmed one can give way, any other stands in the way. */
  async function findWay({ ownerId, id }: Address, intent: string): Promise<(() => Promise<unknown>) | undefined> {
    const blocking = await store.findByIntent(db, ownerId, intent);
    // The same request, twice at once: the other one has just written it.
    if (!blocking || blocking.record.id === id) return undefined;
    const { record } = blocking;
    const move = record.state === 'needs_you' ? flowOf(record.kind).cancel?.(record) : undefined;
    if (move) return () => apply(blocking, move, 'person');
    const until = record.deadlineAt ?? clock.now();
    throw refusal(record.state === 'working' ? 'operation.in_progress' : 'operation.previous_unsettled', {
      params: { until },
      retryAt: until,
    }).within(about(record));
  }

  async function insert(
    address: Address,
    key: Uuid,
    flow: Flow,
    fingerprint: Buffer,
    input: unknown,
    actor: Actor,
  ): Promise<store.StoredOperation> {
    const begun = await flow.begin(input, actor, key);
    const step = begun.first ?? flow.first;
    const first = flow.steps[step];
    assert(first, `${flow.kind} has no step ${step}`);
    const now = clock.now();
    const deadlineAt = addMs(now, first.withinMs);
    let admitted: Partial<JsonObject> | undefined;
    for (let tries = 1; ; tries += 1) {
      const giveWay = begun.intent === undefined ? undefined : await findWay(address, begun.intent);
      // A beginning that is refused costs none of those that are counted, and calls nothing back.
      admitted ??= (await begun.admit?.()) ?? {};
      const data = { ...begun.data, ...admitted };
      await giveWay?.();
      const inserted = await database.transaction(async (tx) => {
        const written = await store.insertOperation(tx, {
          ...address,
          key,
          kind: flow.kind,
          state: first.state,
          step,
          fingerprint,
          intent: begun.intent ?? null,
          data,
          draft: begun.draft ? sealDraft(key, begun.draft) : null,
          moneyMoved: begun.moneyMoved ?? 'no',
          currency: begun.amount?.currency ?? null,
          amountMinor: begun.amount?.minor ?? null,
          policyVersion: begun.policyVersion,
          lane: begun.lane ?? '',
          deadlineAt,
          wakeAt: first.state === 'needs_you' ? deadlineAt : now,
          now,
        });
        if (!written) return undefined;
        await store.insertEvent(tx, {
          key,
          kind: flow.kind,
          at: now,
          event: begun.by ? 'begun_by_people' : 'started',
          from: 'start',
          to: step,
          attempt: null,
          cause: null,
          actor: begun.by ?? 'person',
          detail: {},
        });
        await begun.within?.(tx);
        return written;
      });
      const stored = inserted ?? (await store.findByKey(db, key));
      if (stored) return stored;
      // Another device began the same thing in this very moment; it gives way or stands in the way like an earlier one.
      assert(tries < 10, 'of several at once one comes through');
    }
  }

  return {
    /** Writes the declared moves down; once, before the first operation. */
    prepare: async () => store.recordMoves(db, [...flows.values()].flatMap(declaredMoves)),

    /** Starts an operation, or answers with the one that this id already is. Bad input does not burn the id. */
    async start(request: Address & { kind: string; input: unknown; actor: Actor }): Promise<OperationRecord> {
      const { ownerId, id, kind, input, actor } = request;
      const flow = flowOf(kind);
      const key = operationKey(ownerId, id);
      const fingerprint = deps.fingerprint({ kind, input });
      let stored = await store.findByKey(db, key);
      if (!stored) {
        try {
          stored = await insert({ ownerId, id }, key, flow, fingerprint, input, actor);
        } catch (error) {
          throw error instanceof Failure ? error.within({ flow: kind, step: flow.first }) : error;
        }
      }
      if (!stored.fingerprint.equals(fingerprint)) throw refusal('operation.conflict').within({ flow: kind });
      return driveInline(stored.record);
    },

    /** Takes what a person entered. The same entry again answers with the present state; a refusal leaves the step as it is. */
    async submit(request: Address & { step: string; input: JsonObject; actor: Actor }): Promise<OperationRecord> {
      const stored = await load(request);
      const { record } = stored;
      if (record.step !== request.step) {
        if (record.state === 'expired') throw refusal('operation.expired').within(about(record));
        return record;
      }
      const take = flowOf(record.kind).submit?.[request.step];
      if (!take) return record;
      const context = contextOf(stored);
      if (context.overdue) {
        await store.wakeNow(db, record.key, clock.now());
        await drive(record.key);
        throw refusal('operation.expired').within(about(record));
      }
      let moved: store.StoredOperation | undefined;
      try {
        const move = await take(record, request.input, request.actor, context);
        moved = await apply(stored, move, 'person');
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        // Entered twice in the same moment, the first entry moved it on: the second is answered as if it came later.
        const after = (await load(request)).record;
        if (after.step !== record.step) return after;
        await recordRefusal(ground, record, error);
        throw error.within(about(record));
      }
      return driveInline((moved ?? (await load(request))).record);
    },

    /** Calls an operation back that has not left our hands. */
    async cancel(address: Address): Promise<OperationRecord> {
      const stored = await load(address);
      if (stored.record.endedAt) return stored.record;
      const move = flowOf(stored.record.kind).cancel?.(stored.record);
      const after = move ? await apply(stored, move, 'person') : undefined;
      if (!after) {
        const until = stored.record.deadlineAt ?? clock.now();
        throw refusal('operation.cancel_too_late', { params: { until } }).within({
          ...about(stored.record),
          moneyMoved: stored.record.moneyMoved,
        });
      }
      return after.record;
    },

    /**
     * Asks for the outcome now instead of at the next planned moment, unless it was just asked for: then the present
     * state is the answer. Sends nothing that could move money.
     */
    async ask(address: Address): Promise<OperationRecord> {
      const { record } = await load(address);
      if (record.endedAt || record.state === 'needs_you') return record;
      const isDue = record.wakeAt !== null && record.wakeAt <= clock.now();
      if (!isDue && !(await store.wakeOnWish(db, record.key, clock.now(), WISH_GAP))) return record;
      return driveInline(record);
    },

    /** Sends the code of the present step again. */
    async resendCode(request: Address & { actor: Actor }): Promise<OperationRecord> {
      const stored = await load(request);
      const resend = flowOf(stored.record.kind).resendCode?.[stored.record.step];
      if (!resend || stored.record.state !== 'needs_you') return stored.record;
      try {
        const after = await apply(stored, await resend(stored.record, request.actor, contextOf(stored)), 'person');
        return (after ?? (await load(request))).record;
      } catch (error) {
        throw error instanceof Failure ? error.within(about(stored.record)) : error;
      }
    },

    get: async (address: Address): Promise<OperationRecord> => (await load(address)).record,
    list: (query: store.ListQuery): Promise<OperationRecord[]> => store.listByOwner(db, query),
    events: async (key: Uuid): Promise<store.OperationEvent[]> => (await store.readEvents(db, [key])).get(key) ?? [],
    /** The latest events of each, the oldest first. */
    eventsOf: (keys: readonly Uuid[]): Promise<Map<Uuid, store.OperationEvent[]>> => store.readEvents(db, keys),
    byKey: async (key: Uuid): Promise<OperationRecord | undefined> => (await store.findByKey(db, key))?.record,
    byKeys: (keys: readonly Uuid[]): Promise<Map<Uuid, OperationRecord>> => store.findByKeys(db, keys),

    /** Every cause that would refuse it now, in the order in which they would be met. Changes nothing. */
    preflight: (request: { kind: string; input: unknown; actor: Actor }): Promise<Failure[]> =>
      flowOf(request.kind).preflight(request.input, request.actor),

    /** Resolves when the operation's version is above `version`, or after `waitMs`. */
    async waitForChange(address: Address, version: number, waitMs: number): Promise<OperationRecord> {
      const first = (await load(address)).record;
      const until = addMs(clock.now(), waitMs);
      for (let record = first; ; record = (await load(address)).record) {
        const now = clock.now();
        if (record.version > version || record.endedAt || now >= until) return record;
        const abort = new AbortController();
        const wake = () => abort.abort();
        const waiting = listeners.get(record.key) ?? new Set();
        listeners.set(record.key, waiting.add(wake));
        // Another process may move it, so it is read again every half second as well.
        await clock.sleep(Math.min(500, until.getTime() - now.getTime()), abort.signal);
        waiting.delete(wake);
        if (waiting.size === 0) listeners.delete(record.key);
      }
    },

    /** Makes it due now, for the worker to run: a bank said that it knows more. False when that was said just before. */
    async wake(key: Uuid): Promise<boolean> {
      const record = (await store.findByKey(db, key))?.record;
      const now = clock.now();
      if (!record?.wakeAt || record.state === 'needs_you' || record.wakeAt <= now) return true;
      return store.wakeOnWish(db, key, now, WORD_GAP);
    },

    driveDue: driver.driveDue,
    settle: driver.settle,
  };
}
