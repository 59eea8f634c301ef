import { assert } from './assert.ts';

export type Slots = {
  /** How many more may begin now. */
  free: () => number;
  /** Lanes that have as many under way as one lane may. */
  fullLanes: () => string[];
  /** Begins `work` unless its lane or all of it is full; says whether it did. Its failure is its own matter. */
  begin: (lane: string, work: () => Promise<unknown>) => boolean;
  /** Resolves when a slot has become free, or one is. */
  oneFree: () => Promise<void>;
  /** Resolves when nothing is under way. */
  idle: () => Promise<void>;
};

/**
 * Work side by side, `total` at a time and of one lane (a bank, say) at most `perLane`: a lane that stands still keeps
 * its own work waiting and nobody else's. The lane `''` is work that waits for nobody outside; only `total` bounds it.
 */
export function createSlots({ total, perLane }: { total: number; perLane: number }): Slots {
  assert(total > perLane && perLane > 0, 'one lane cannot fill all slots');
  const under = new Set<Promise<void>>();
  const lanes = new Map<string, number>();
  const countOf = (lane: string) => lanes.get(lane) ?? 0;
  return {
    free: () => total - under.size,
    fullLanes: () => [...lanes].filter(([lane, count]) => lane !== '' && count >= perLane).map(([lane]) => lane),
    begin(lane, work) {
      if (under.size >= total || (lane !== '' && countOf(lane) >= perLane)) return false;
      lanes.set(lane, countOf(lane) + 1);
      const done = () => {
        under.delete(ended);
        if (countOf(lane) > 1) lanes.set(lane, countOf(lane) - 1);
        else lanes.delete(lane);
      };
      const ended: Promise<void> = work().then(done, done);
      under.add(ended);
      return true;
    },
    oneFree: async () => {
      if (under.size >= total) await Promise.race(under);
    },
    idle: async () => {
      while (under.size > 0) await Promise.all(under);
    },
  };
}
