export type Clock = { now: () => Date };

/** The sandbox's one look at the clock. */
export const systemClock: Clock = { now: () => new Date() };

/** Reads an instant in ISO 8601; an invalid one has no time (`NaN`). */
export const parseInstant = (text: string): Date => new Date(text);

export const addMs = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

const CHINA_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** The first moment of the day in China to which an instant belongs; China has one zone and no summer time. */
export function startOfDayInChina(at: Date): Date {
  return new Date(Math.floor((at.getTime() + CHINA_OFFSET_MS) / DAY_MS) * DAY_MS - CHINA_OFFSET_MS);
}

export const startOfNextDayInChina = (at: Date): Date => addMs(startOfDayInChina(at), DAY_MS);
