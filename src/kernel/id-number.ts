import { assert } from './assert.ts';

/** What an ID number of a Chinese resident says about its holder. */
export type IdNumberFacts = {
  /** With the check character in upper case. */
  readonly normalised: string;
  /** `1990-03-07`. */
  readonly birthDate: string;
  /** Of the sequence number's last digit: odd for men, even for women. */
  readonly sex: 'male' | 'female';
  /** The place that issued it, by its six-digit code. */
  readonly place: string;
};

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK_CHARACTERS = '10X98765432';

function checkCharacterOf(body: string): string {
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(body[i]), 0);
  return CHECK_CHARACTERS[sum % 11] ?? '';
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function birthDateOf(digits: string): string | undefined {
  const year = Number(digits.slice(0, 4));
  const month = Number(digits.slice(4, 6));
  const day = Number(digits.slice(6, 8));
  if (year < 1800 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
}

/**
 * Reads an 18-character ID number (GB 11643-1999): place, birth date, sequence, check character by ISO 7064 MOD 11-2.
 * `undefined` when the check character or the birth date cannot be right. Whether such a person exists, and whether
 * the day lies in the future, is not told here.
 */
export function readIdNumber(text: string): IdNumberFacts | undefined {
  const normalised = text.toUpperCase();
  if (!/^[1-9][0-9]{16}[0-9X]$/.test(normalised)) return undefined;
  const birthDate = birthDateOf(normalised.slice(6, 14));
  if (birthDate === undefined || checkCharacterOf(normalised) !== normalised[17]) return undefined;
  return {
    normalised,
    birthDate,
    sex: Number(normalised[16]) % 2 === 1 ? 'male' : 'female',
    place: normalised.slice(0, 6),
  };
}

/** Whether the check character and the birth date of an 18-character ID number can be right. */
export const isIdNumber = (text: string): boolean => readIdNumber(text) !== undefined;

/** Completed years on a day (`2026-11-22`): one more from each birthday on. Negative before birth. */
export function yearsSince(birthDate: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** The age of the holder of a valid ID number at this moment, by the day in China. */
export function ageOn(idNumber: string, now: Date): number {
  const facts = readIdNumber(idNumber);
  assert(facts, 'an age needs a valid ID number');
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO('Asia/Shanghai').toPlainDate();
  return yearsSince(facts.birthDate, today.toString());
}
