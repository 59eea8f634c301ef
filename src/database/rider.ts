import { assert } from '../kernel/assert.ts';

/**
 * Rows that are recorded with a movement of the ledger: written in the same commit, if and only if the movement is made
 * now. They are plain data, so that a call can carry them to the process that writes.
 */

type ColumnTypes = {
  uuid: string;
  text: string;
  int4: number;
  int8: bigint;
  bytea: Uint8Array;
  timestamptz: Date;
  jsonb: string;
};
export type RiderColumn = keyof ColumnTypes;

/** What only the decision knows of transfer `of` of the chain. A balance is credits minus debits posted. */
export type Decided = {
  of: number;
  is: 'seq' | 'debitBalance' | 'debitBalanceBefore' | 'creditBalance' | 'creditBalanceBefore';
};
/** A text with gaps that the ledger fills, for columns of text and jsonb. */
export type TextWithGaps = readonly (string | Decided)[];

export type RiderValue = string | number | bigint | Uint8Array | Date | null | TextWithGaps;
/** One row; the values stand in the order of the table's columns, those of an update's `match` before those of its `set`. */
export type Rider = { table: string; values: readonly RiderValue[] };

type Columns = Readonly<Record<string, RiderColumn>>;
type ValueOf<C extends RiderColumn> = ColumnTypes[C] | (C extends 'text' | 'jsonb' ? TextWithGaps : never);
type RowOf<C extends Columns> = { [K in keyof C]: ValueOf<C[K]> | null };

/** A table that takes riders: inserted, or changed where `match` finds exactly one row (a key with a fence). */
export type RiderTable = { name: string; table: string; match: Columns; set: Columns };

const NAME = /^[a-z][a-z0-9_]*$/;

/** Rows to insert into a table. */
export function insertsInto<C extends Columns>(table: string, columns: C) {
  for (const name of [table, ...Object.keys(columns)]) assert(NAME.test(name), `not a plain name: ${name}`);
  const definition: RiderTable = { name: table, table, match: {}, set: columns };
  return {
    definition,
    row: (row: RowOf<C>): Rider => ({ table, values: Object.keys(columns).map((column) => row[column] ?? null) }),
  };
}

/** Changes of single rows of a table. One that finds no row, or several, is refused with its whole movement. */
export function updatesOf<M extends Columns, S extends Columns>(table: string, match: M, set: S) {
  const name = `${table}_update`;
  for (const each of [table, ...Object.keys(match), ...Object.keys(set)])
    assert(NAME.test(each), `not a plain name: ${each}`);
  const definition: RiderTable = { name, table, match, set };
  return {
    definition,
    row: (found: RowOf<M>, change: RowOf<S>): Rider => ({
      table: name,
      values: [
        ...Object.keys(match).map((column) => found[column] ?? null),
        ...Object.keys(set).map((column) => change[column] ?? null),
      ],
    }),
  };
}
