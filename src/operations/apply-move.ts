import { assert } from '../kernel/assert.ts';
import { addMs, type Clock } from '../kernel/clock.ts';
import type { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Database } from '../database/database.ts';
import { isEnd, type EndState, type Flow, type JsonObject, type Move, type OperationRecord } from './flow.ts';
import * as store from './store.ts';

export type MoveDependencies = {
  database: Database;
  clock: Clock;
  flowOf: (kind: string) => Flow;
  sealDraft: (key: Uuid, draft: JsonObject) => Buffer;
  /** Told after the commit. */
  changed: (key: Uuid) => void;
};

/**
 * Writes one declared move with its event and the rows of its feature in one transaction, and gives the operation as
 * it then is. `undefined`: somebody else moved it first; read again. An undeclared move is a bug.
 */
export async function applyMove(
  deps: MoveDependencies,
  stored: store.StoredOperation,
  move: Move,
  actor: string,
): Promise<store.StoredOperation | undefined> {
  const before = stored.record;
  const now = deps.clock.now();
  const moved = await deps.database.transaction(async (tx) => {
    const updated = await store.updateOperation(tx, stored, after(deps, stored, move, now));
    if (!updated) return undefined;
    await store.insertEvent(tx, {
      key: before.key,
      kind: before.kind,
      at: now,
      event: move.event,
      from: before.step,
      to: move.to,
      attempt: before.attempts || null,
      cause: move.cause?.code ?? null,
      actor,
      detail: move.detail ?? {},
    });
    await move.within?.(tx);
    return updated;
  });
  if (moved) deps.changed(before.key);
  return moved;
}

/** The operation's row after a move. */
function after(deps: MoveDependencies, stored: store.StoredOperation, move: Move, now: Date): store.Update {
  const before = stored.record;
  const { steps } = deps.flowOf(before.kind);
  const stays = move.to === before.step;
  assert(
    stays || steps[before.step]?.next.includes(move.to),
    `${before.kind}: ${before.step} may not go to ${move.to}`,
  );
  const to = isEnd(move.to) ? undefined : steps[move.to];
  assert(to || isEnd(move.to), `${before.kind} has no step ${move.to}`);
  const term = move.termMs ?? to?.withinMs ?? 0;
  const deadlineAt = to ? (stays && move.termMs === undefined ? before.deadlineAt : addMs(now, term)) : null;
  // Carried while it stays at its step; left behind by progress.
  const carried = stays ? { code: before.cause, params: before.causeParams } : { code: null, params: {} };
  return {
    state: to ? to.state : (move.to as EndState),
    step: move.to,
    data: { ...before.data, ...move.data },
    draft: !to || move.draft === null ? null : move.draft ? deps.sealDraft(before.key, move.draft) : stored.draft,
    result: move.result ?? before.result,
    cause: move.cause?.code ?? carried.code,
    causeParams: move.cause ? (move.cause.params ?? {}) : carried.params,
    moneyMoved: move.moneyMoved ?? before.moneyMoved,
    deadlineAt,
    wakeAt: to ? (to.state === 'needs_you' ? deadlineAt : addMs(now, move.runAgainInMs ?? 0)) : null,
    attempts: stays ? before.attempts : 0,
    endedAt: to ? null : now,
    now,
  };
}

/** Writes down that what a person entered was refused, for whoever helps them; the operation stays as it is. */
export async function recordRefusal(
  deps: Pick<MoveDependencies, 'database' | 'clock'>,
  record: OperationRecord,
  failure: Failure,
): Promise<void> {
  await deps.database.transaction(async (tx) => {
    await store.lockOperation(tx, record.key);
    await store.insertEvent(tx, {
      key: record.key,
      kind: record.kind,
      at: deps.clock.now(),
      event: 'entry_refused',
      from: record.step,
      to: record.step,
      attempt: null,
      cause: failure.code,
      actor: 'person',
      detail: {},
    });
  });
}
