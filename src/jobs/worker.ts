import { secondMs, type Clock } from '../kernel/clock.ts';

/**
 * Work that comes again and again. `run` says how much it found, so that a full hand is followed by another at once.
 * `idle` waits for what `run` has begun and not waited for.
 */
export type Task = { name: string; everyMs: number; run: () => Promise<number>; idle?: () => Promise<void> };

export type Worker = { stop: () => Promise<void> };

/** A database that is back after an outage is found in this time at the latest. */
const LONGEST_PAUSE_MS = 3 * secondMs;

/**
 * Runs each task over and over, each in a line of its own, so that a slow one keeps no other waiting. A task that fails
 * is told to `onFault` and tried again with growing pauses. Several processes may run the same tasks: what they take
 * is leased in the database.
 */
export function startWorker(deps: {
  clock: Clock;
  tasks: readonly Task[];
  onFault: (error: unknown, task: string) => void;
}): Worker {
  const stopped = new AbortController();
  const lines = deps.tasks.map((task) => runLine(deps, task, stopped.signal));
  return {
    async stop() {
      stopped.abort();
      await Promise.all(lines);
      await Promise.all(deps.tasks.map((task) => task.idle?.()));
    },
  };
}

async function runLine(deps: Parameters<typeof startWorker>[0], task: Task, stopped: AbortSignal): Promise<void> {
  for (let faults = 0; !stopped.aborted; ) {
    let found = 0;
    try {
      found = await task.run();
      faults = 0;
    } catch (error) {
      faults += 1;
      deps.onFault(error, task.name);
    }
    const pause = faults > 0 ? Math.min(task.everyMs * 2 ** faults, LONGEST_PAUSE_MS) : found > 0 ? 0 : task.everyMs;
    await deps.clock.sleep(pause, stopped);
  }
}
