import { addMs, parseInstant } from '../../kernel/clock.ts';
import { MalformedFrame } from './frames.ts';

/** Reads single values of a message, and refuses everything that is not what it must be. */

export const listOf = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) throw new MalformedFrame('a list is missing');
  return value;
};

export const textOf = (value: unknown): string => {
  if (typeof value !== 'string') throw new MalformedFrame('a text is missing');
  return value;
};

export const wholeOf = (value: unknown): number => {
  if (!Number.isSafeInteger(value)) throw new MalformedFrame('a whole number is missing');
  return value as number;
};

export const bigOf = (value: unknown): bigint => {
  if (typeof value !== 'string' || !/^-?\d{1,200}$/.test(value)) throw new MalformedFrame('a number is missing');
  return BigInt(value);
};

export const recordOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedFrame('a record is missing');
  }
  return value as Readonly<Record<string, unknown>>;
};

const EPOCH = parseInstant('1970-01-01T00:00:00Z');

/** Dates are carried as milliseconds, which is all they hold. */
export const momentOf = (value: unknown): Date => {
  const moment = addMs(EPOCH, wholeOf(value));
  if (Number.isNaN(moment.getTime())) throw new MalformedFrame('a moment is missing');
  return moment;
};

/** `null` stands for what was left out. */
export const optional = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === null || value === undefined ? undefined : read(value);
