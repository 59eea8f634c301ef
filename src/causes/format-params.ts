import type { FailureParams, LocalText } from '../kernel/failure.ts';
import { parseInstant } from '../kernel/clock.ts';
import { type Money, moneyToDecimal } from '../kernel/money.ts';
import type { FieldName, Language, ParamName } from './cause.ts';
import { fields } from './field-names.ts';
import { params as paramTable } from './lists.ts';
import { moneyFromParam } from './params.ts';

/** Where and when the words are read: moments are told in the person's own time zone, with the day unless it is today. */
export type ReadingContext = {
  readonly language: Language;
  readonly now: Date;
  readonly timeZone?: string | undefined;
};

const DEFAULT_TIME_ZONE = 'Asia/Shanghai';

type WallTime = { year: string; month: number; day: number; hour: number; minute: string };

function wallTime(instant: Date, timeZone: string): WallTime {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return {
    year: part['year'] ?? '',
    month: Number(part['month']),
    day: Number(part['day']),
    hour: Number(part['hour']),
    minute: part['minute'] ?? '',
  };
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

function dayText(day: Pick<WallTime, 'year' | 'month' | 'day'>, language: Language, thisYear: string): string {
  const otherYear = day.year !== thisYear;
  if (language === 'zh-CN') return `${otherYear ? `${day.year} 年 ` : ''}${day.month} 月 ${day.day} 日`;
  return `${day.day} ${MONTHS[day.month - 1]}${otherYear ? ` ${day.year}` : ''}`;
}

/** A moment as the words tell it: `14:05` today, else with its day. In Chinese it always begins with a digit. */
export function formatMoment(instant: Date, { language, now, timeZone = DEFAULT_TIME_ZONE }: ReadingContext): string {
  const then = wallTime(instant, timeZone);
  const today = wallTime(now, timeZone);
  const clock = `${then.hour}:${then.minute}`;
  if (then.year === today.year && then.month === today.month && then.day === today.day) return clock;
  const day = dayText(then, language, today.year);
  return language === 'zh-CN' ? `${day} ${clock}` : `${clock} on ${day}`;
}

/** A day: `2026-08-03`, or an instant of which only the day matters. Always with its year. */
export function formatDay(text: string, { language, timeZone = DEFAULT_TIME_ZONE }: ReadingContext): string {
  const plain = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (plain) return dayText({ year: plain[1] ?? '', month: Number(plain[2]), day: Number(plain[3]) }, language, '');
  return dayText(wallTime(parseInstant(text), timeZone), language, '');
}

/** An amount as the words tell it: `¥1,234.50`; other currencies with their code. */
export function formatAmount(amount: Money): string {
  const text = moneyToDecimal(amount);
  const sign = text.startsWith('-') ? '−' : '';
  const [whole = '', decimals] = text.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (decimals === undefined ? '' : `.${decimals}`);
  return amount.currency === 'CNY' ? `${sign}¥${grouped}` : `${sign}${amount.currency} ${grouped}`;
}

const isInstant = (text: string): boolean => !Number.isNaN(parseInstant(text).getTime());
const isField = (text: string): text is FieldName => Object.hasOwn(fields, text);
const isParam = (name: string): name is ParamName => Object.hasOwn(paramTable, name);

function formatText(name: string, text: string, reading: ReadingContext): string {
  if (name === 'field') return isField(text) ? fields[text][reading.language] : text;
  const kind = isParam(name) ? paramTable[name].kind : 'name';
  if (kind === 'time' && isInstant(text))
    return name === 'date' ? formatDay(text, reading) : formatMoment(parseInstant(text), reading);
  const amount = kind === 'money' ? moneyFromParam(text) : undefined;
  return amount ? formatAmount(amount) : text;
}

/** One parameter of a failure as a person reads it. */
export function formatParam(name: string, value: string | number | LocalText, reading: ReadingContext): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? formatText(name, value, reading) : value[reading.language];
}

/** The parameters as the wire carries them: names in the language of the reader, all else as it was recorded. */
export function paramsForWire(params: FailureParams, language: Language): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'object' ? value[language] : value]),
  );
}
