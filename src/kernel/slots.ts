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
 * its own work waiting and nobody else's. `kept` slots are for lanes that have nothing under way, so that several which
 * stand still leave room for one of each other. The lane `''` is work that waits for nobody outside; only `total` bounds it.
 */
export function createSlots({ total, perLane, kept }: { total: number; perLane: number; kept: number }): Slots {
  assert(total - kept > perLane && perLane > 0, 'one lane cannot fill all slots');
  const under = new Set<Promise<void>>();
  const lanes = new Map<string, number>();
  const countOf = (lane: string) => lanes.get(lane) ?? 0;
  /** Has as much under way as it may. */
  const isFull = (lane: string): boolean =>
    lane !== '' && countOf(lane) > 0 && (countOf(lane) >= perLane || under.size >= total - kept);
  return {
    free: () => total - under.size,
    fullLanes: () => [...lanes.keys()].filter(isFull),
    begin(lane, work) {
      if (under.size >= total || isFull(lane)) return false;
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
