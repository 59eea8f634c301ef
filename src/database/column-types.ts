import type { ColumnType, Generated } from 'kysely';
import pg from 'pg';
import type { Uuid } from '../kernel/ids.ts';

/** What a jsonb column gives. Numbers in it are floats: amounts stand in it as text. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A jsonb column: read as a value, written as JSON text (a bare array would be taken for an SQL array). */
export type Json = ColumnType<JsonValue, string, string>;

/** Such a column when the database fills it in. */
export type GeneratedJson = ColumnType<JsonValue, string | undefined, string>;

/** A column that the database computes; never written. */
export type ComputedColumn<T> = ColumnType<T, never, never>;

export type { Generated };

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;

/** int8 as bigint, a date as its text (it has no time zone); everything else as pg does it. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === INT8) return (text: string) => BigInt(text);
      if (oid === INT8_ARRAY) return parseInt8Array;
      if (oid === DATE) return (text: string) => text;
    }
    return pg.types.getTypeParser(oid, format);
  }) as pg.CustomTypesConfig['getTypeParser'],
};

const parseInt8Array = (text: string): (bigint | null)[] => {
  const inside = text.slice(1, -1);
  return inside === '' ? [] : inside.split(',').map((item) => (item === 'NULL' ? null : BigInt(item)));
};

/** Ids as a parameter for `$1::uuid[]`: nothing in them needs a quote, which pg looks for in each. */
export const uuidArray = (ids: readonly Uuid[]): string => `{${ids.join(',')}}`;

/** The same of bytes in hexadecimal, for `$1::bytea[]`. */
export const byteaArray = (hex: readonly string[]): string => `{${hex.map((each) => `"\\\\x${each}"`).join(',')}}`;
