import { instant } from '../../client/clock.ts';
import { dayOf } from '../../ui/format-time.ts';

export type Day<T> = { day: string; at: Date; items: T[] };

/** The same order, cut where the day changes. */
export function groupByDay<T>(items: readonly T[], atOf: (item: T) => string): Day<T>[] {
  const days: Day<T>[] = [];
  for (const item of items) {
    const at = instant(atOf(item));
    const day = dayOf(at);
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, at, items: [item] });
  }
  return days;
}
