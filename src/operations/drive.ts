import { assert } from '../kernel/assert.ts';
import { addMs, secondMs } from '../kernel/clock.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { createSlots } from '../kernel/slots.ts';
import { applyMove, type MoveDependencies } from './apply-move.ts';
import type { Move, RunContext } from './flow.ts';
import * as store from './store.ts';

export type DriveDependencies = MoveDependencies & {
  contextOf: (stored: store.StoredOperation) => RunContext;
  /** Told of faults of our own; the operation goes on by itself. */
  onFault: (error: unknown, operation: { key: Uuid; kind: string; step: string }) => void;
};

/** How long one run of a step may take before another worker may take it over. Longer than any time-out of an adapter. */
const LEASE_MS = 30 * secondMs;
/** By how much the clocks of two processes may differ. */
const CLOCK_SKEW_MS = 5 * secondMs;
/** Steps that the worker runs at one time, how many of them may wait for one party outside, and what is kept for others. */
const SLOTS = { total: 48, perLane: 8, kept: 16 };
const RELEASE_PAUSE_MS = { first: 100, longest: secondMs };

/** Runs the steps that run by themselves: claimed by a lease, resumed by whoever lives. */
export function createDriver(deps: DriveDependencies) {
  const { clock } = deps;
  const db = deps.database.kysely;
  const running = new Set<Promise<unknown>>();
  const slots = createSlots(SLOTS);
  /** What this process drives, and until when nobody else can. */
  const underWay = new Map<Uuid, { work: Promise<void>; until: Date }>();
  let ending = new AbortController();

  /** Runs one claimed step and writes where it led. True when there may be more to do at once. */
  async function runStep(claimed: store.StoredOperation, leaseUntil: Date): Promise<boolean> {
    const { record } = claimed;
    try {
      const move = await findMove(claimed, addMs(leaseUntil, -CLOCK_SKEW_MS));
      const after = await write(claimed, move);
      return after !== undefined && after.record.wakeAt !== null && after.record.wakeAt <= clock.now();
    } catch (error) {
      deps.onFault(error, { key: record.key, kind: record.kind, step: record.step });
      const backoffMs = Math.min(60, 2 ** Math.min(record.attempts, 6)) * secondMs;
      await release(claimed, leaseUntil, backoffMs);
      return false;
    }
  }

  async function findMove(claimed: store.StoredOperation, mineUntil: Date): Promise<Move> {
    const { record } = claimed;
    const flow = deps.flowOf(record.kind);
    const spec = flow.steps[record.step];
    assert(spec, `${record.kind} has no step ${record.step}`);
    if (spec.state === 'needs_you') {
      return flow.expire?.(record) ?? { to: 'expired', event: 'expired', cause: { code: 'operation.expired' } };
    }
    const run = flow.run[record.step];
    assert(run, `${record.kind} cannot run ${record.step}`);
    return run(record, { ...deps.contextOf(claimed), mineUntil });
  }

  /**
   * A run returns its refusals. Whatever is thrown, by the run or by the rows that belong to its move, is a fault after
   * which the step is run again: money may have moved before it. Only where an operation has no money at all, a move
   * may name what it becomes when its rows are refused.
   */
  async function write(claimed: store.StoredOperation, move: Move): Promise<store.StoredOperation | undefined> {
    const { ifRefused } = move;
    if (!ifRefused) return applyMove(deps, claimed, move, 'worker');
    const { kind, step, amount } = claimed.record;
    assert(amount === null, `${kind}.${step} moves money: what is thrown after it is never a refusal`);
    try {
      return await applyMove(deps, claimed, move, 'worker');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return applyMove(deps, claimed, ifRefused(error), 'worker');
    }
  }

  /**
   * Gives the lease back after a fault, so that the step is run again soon. While the database cannot be reached, it is
   * tried again until the lease has run out by itself.
   */
  async function release(claimed: store.StoredOperation, leaseUntil: Date, backoffMs: number): Promise<void> {
    const { signal } = ending;
    for (let pause = RELEASE_PAUSE_MS.first; clock.now() < leaseUntil && !signal.aborted; ) {
      try {
        await store.releaseAfterFault(db, claimed, addMs(clock.now(), backoffMs));
        return;
      } catch {
        await clock.sleep(pause, signal);
        pause = Math.min(pause * 2, RELEASE_PAUSE_MS.longest);
      }
    }
  }

  /**
   * Moves an operation on as far as it goes by itself. Safe to call at any time by anyone. Whoever drives it here already
   * is waited for, and then it is looked at again: they may have looked before it became due.
   */
  async function drive(key: Uuid): Promise<void> {
    const before = underWay.get(key);
    if (before && before.until > clock.now()) await before.work.catch(() => undefined);
    const work = driveOn(key).finally(() => {
      if (underWay.get(key)?.work === work) underWay.delete(key);
    });
    underWay.set(key, { work, until: addMs(clock.now(), LEASE_MS) });
    await work;
  }

  async function driveOn(key: Uuid): Promise<void> {
    for (let more = true; more; ) {
      const now = clock.now();
      const leaseUntil = addMs(now, LEASE_MS);
      const claimed = await store.claimOperation(db, key, now, leaseUntil);
      more = claimed ? await runStep(claimed, leaseUntil) : false;
    }
  }

  function track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    running.add(settled);
    void settled.finally(() => running.delete(settled));
    return work;
  }

  /** Begins `key` in a slot of its lane. Its claim may fail when the database is gone; it is due again then. */
  const begin = (key: Uuid, lane: string): boolean =>
    slots.begin(lane, () =>
      track(drive(key)).catch((error: unknown) => deps.onFault(error, { key, kind: 'operation', step: 'drive' })),
    );

  const drivenHere = (now: Date): Uuid[] => [...underWay].filter(([, { until }]) => until > now).map(([key]) => key);

  return {
    drive,
    track,

    /**
     * Begins what is due, as far as slots are free, and does not wait for it: who is done makes room for the next at
     * once, and a party outside that is silent keeps no more than its own slots. Returns how many it began.
     */
    async driveDue(): Promise<number> {
      await slots.oneFree();
      let begun = 0;
      for (;;) {
        const free = slots.free();
        if (free === 0) return begun;
        const now = clock.now();
        const rest = { notInLanes: slots.fullLanes(), except: drivenHere(now) };
        const due = await store.dueKeys(db, now, { limit: free, ...rest });
        const begunNow = due.filter(({ key, lane }) => begin(key, lane)).length;
        begun += begunNow;
        // Where some were of a lane that is full by now, those of others come next.
        if (begunNow === due.length || due.length < free) return begun;
      }
    },

    /** Resolves when no step is running any more. Leases that cannot be given back are left to run out. */
    async settle(): Promise<void> {
      ending.abort();
      ending = new AbortController();
      await slots.idle();
      while (running.size > 0) await Promise.all(running);
    },
  };
}
