import { instant, now } from '../client/clock.ts';

export type UiLanguage = 'zh-CN' | 'en';

/** The wallet's day is the day in China: limits, messages of the server and the app all speak of the same one. */
const TIME_ZONE = 'Asia/Shanghai';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, { timeZone: TIME_ZONE, ...options });
  formats.set(key, known);
  return known;
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** `2026-11-22`: the day of an instant, to group and compare by. */
export const dayOf = (at: Date): string =>
  format('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

export const monthOf = (at: Date): string => dayOf(at).slice(0, 7);
export const isToday = (at: Date): boolean => dayOf(at) === dayOf(now());

export function isYesterday(at: Date): boolean {
  const before = now();
  before.setTime(before.getTime() - 86_400_000);
  return dayOf(at) === dayOf(before);
}

/** `14:05` */
export const formatClock = (at: Date): string => format('en-GB', CLOCK).format(at);

/** `11 月 22 日` or `22 November`, with the year when it is another one. */
export function formatDay(at: Date, language: UiLanguage): string {
  const sameYear = dayOf(at).slice(0, 4) === dayOf(now()).slice(0, 4);
  const text = format(language === 'en' ? 'en-GB' : 'zh-CN', {
    ...(sameYear ? {} : { year: 'numeric' }),
    month: 'long',
    day: 'numeric',
  }).format(at);
  return spaced(text, language);
}

/** `2026 年 11 月` or `November 2026` */
export const formatMonth = (at: Date, language: UiLanguage): string =>
  spaced(format(language === 'en' ? 'en-GB' : 'zh-CN', { year: 'numeric', month: 'long' }).format(at), language);

/** The moment that a sentence names: `14:05` today, else with its day. */
export function formatMoment(at: Date, language: UiLanguage): string {
  // As the server's sentences have it; only in lists do figures stand in columns.
  const clock = formatClock(at).replace(/^0(?=\d)/, '');
  if (isToday(at)) return clock;
  const day = formatDay(at, language);
  return language === 'en' ? `${clock} on ${day}` : `${day} ${clock}`;
}

/** `2026-11-22 13:52:08`, for receipts. */
export const formatExact = (at: Date): string =>
  `${dayOf(at)} ${format('en-GB', { ...CLOCK, second: '2-digit' }).format(at)}`;

/** `6:40`, what is left of a wait; hours only when there are some. */
export function formatLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Reads a wire instant and writes it as a moment. */
export const momentOf = (text: string, language: UiLanguage): string => formatMoment(instant(text), language);

/** Chinese dates as our texts set them: a space between figures and characters. */
const spaced = (text: string, language: UiLanguage): string =>
  language === 'en' ? text : text.replace(/(\d)(?=[^\d\s])/g, '$1 ').replace(/([^\d\s])(?=\d)/g, '$1 ');
