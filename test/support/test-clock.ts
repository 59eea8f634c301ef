import { addMs, dayMs, hourMs, minuteMs, systemClock, type Clock } from '../../src/kernel/clock.ts';

/** Shanghai, where the limits of a day and of a year begin anew; it has no summer time. */
const ZONE_MS = 8 * hourMs;
/** Longer than any file of tests takes. */
const MARGIN_MS = 30 * minuteMs;

const leftOfDayMs = dayMs - ((systemClock.now().getTime() + ZONE_MS) % dayMs);
const aheadMs = leftOfDayMs < MARGIN_MS ? leftOfDayMs + minuteMs : 0;

/** The time of a wallet in a test: one day from beginning to end, so that late in the evening it is the next one. */
export const testClock: Clock = { now: () => addMs(systemClock.now(), aheadMs), sleep: systemClock.sleep };
