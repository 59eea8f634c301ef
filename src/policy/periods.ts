import { assert } from '../kernel/assert.ts';
import { parseInstant } from '../kernel/clock.ts';
import type { Period } from './policy-pack.ts';

/** A span in which an allowance is counted: `[startsAt, endsAt)`. A lifetime has neither. */
export type Span = {
  /** Names the span in records: `2026-11-22`, `2026-11`, `2026`, `lifetime`. */
  readonly key: string;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
};

const instantOf = (moment: Temporal.ZonedDateTime): Date =>
  parseInstant(moment.toInstant().toString({ smallestUnit: 'millisecond' }));

const zoned = (instant: Date, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);

/** The moment at which a day (`2026-11-22`) begins in a time zone. */
export const startOfDay = (day: string, timeZone: string): Date =>
  instantOf(Temporal.PlainDate.from(day).toZonedDateTime(timeZone));

/** The day of an instant in a time zone, as `2026-11-22`. */
export const dayOf = (instant: Date, timeZone: string): string => zoned(instant, timeZone).toPlainDate().toString();

/** The last span of each kind: almost every question is about the same day. */
const lastSpans = new Map<string, { key: string; startsAt: Date; endsAt: Date }>();

/** By their milliseconds: comparing dates as they are takes longer than all the rest of a question. */
const holds = ({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }, instant: Date): boolean =>
  startsAt.getTime() <= instant.getTime() && instant.getTime() < endsAt.getTime();

/** The span of this kind that holds the instant, counted in the time zone of the rules, whatever the server's. */
export function spanAt(period: Period, instant: Date, timeZone: string): Span {
  if (period === 'lifetime') return { key: 'lifetime', startsAt: null, endsAt: null };
  const last = lastSpans.get(`${period} ${timeZone}`);
  if (last && holds(last, instant)) return last;
  const day = zoned(instant, timeZone).toPlainDate();
  const first = period === 'day' ? day : period === 'month' ? day.with({ day: 1 }) : day.with({ month: 1, day: 1 });
  const next = first.add(period === 'day' ? { days: 1 } : period === 'month' ? { months: 1 } : { years: 1 });
  const length = period === 'day' ? 10 : period === 'month' ? 7 : 4;
  const span = {
    key: first.toString().slice(0, length),
    startsAt: instantOf(first.toZonedDateTime(timeZone)),
    endsAt: instantOf(next.toZonedDateTime(timeZone)),
  };
  assert(holds(span, instant), 'a span holds the instant it was made for');
  lastSpans.set(`${period} ${timeZone}`, span);
  return span;
}
