import type { Decided, Rider, RiderColumn, RiderTable, RiderValue } from '../database/rider.ts';
import { assert } from '../kernel/assert.ts';
import { uuid } from '../kernel/ids.ts';
import type { TransferRow } from './books.ts';
import type { ByteWriter } from './byte-writer.ts';
import { rowsOfArrays } from './rows-of-arrays.ts';
import { int8, writeCopy, type Parameter } from './wire.ts';

/**
 * Rows of other rooms that ride with a batch. They are sent after the head has moved, where one batch is alone, so that
 * two batches under way can never wait for each other's rows.
 */

type KnownTable = RiderTable & { types: readonly RiderColumn[] };
export type RiderTables = ReadonlyMap<string, KnownTable>;

export const riderTablesOf = (tables: readonly RiderTable[]): RiderTables =>
  new Map(tables.map((table) => [table.name, { ...table, types: columnsOf(table).map(([, type]) => type) }]));

/** Whether the database refused such a row; a row that an update does not find exactly once divides by zero. */
export function isOfRiders(tables: RiderTables, problem: Error): boolean {
  const { code, table } = problem as { code?: string; table?: string };
  return code === NOT_FOUND_ONCE || [...tables.values()].some((each) => each.table === table);
}
const NOT_FOUND_ONCE = '22012';

const isGaps = (value: RiderValue): value is readonly (string | Decided)[] =>
  typeof value === 'object' && Array.isArray(value);

/** The form of what is asked; a wrong one is the caller's bug, and nothing of its call is done. */
export function checkRiders(
  tables: RiderTables,
  chains: readonly (readonly unknown[])[],
  riders: readonly (readonly Rider[])[],
): void {
  assert(riders.length === chains.length, 'riders are given for each chain');
  for (const [index, ofChain] of riders.entries()) {
    for (const { table, values } of ofChain) {
      const known = tables.get(table);
      assert(known, `${table} does not take riders`);
      const { types } = known;
      assert(values.length === types.length, `a row of ${table} has ${types.length} values`);
      values.forEach((value, place) => {
        checkValue(value, types[place] ?? 'text', chains[index]?.length ?? 0);
      });
    }
  }
}

function checkValue(value: RiderValue, type: RiderColumn, chainLength: number): void {
  if (value === null) return;
  if (isGaps(value)) {
    assert(type === 'text' || type === 'jsonb', 'only a text has gaps');
    for (const part of value) {
      assert(
        typeof part === 'string' || (part.of >= 0 && part.of < chainLength),
        'a gap is of a transfer of the chain',
      );
    }
    return;
  }
  if (type === 'uuid') uuid(String(value));
  else if (type === 'text' || type === 'jsonb') assert(typeof value === 'string', 'a text');
  else if (type === 'int4') assert(Number.isInteger(value), 'an int4 is a whole number');
  else if (type === 'int8') assert(typeof value === 'bigint', 'an int8 is a bigint');
  else if (type === 'bytea') assert(value instanceof Uint8Array, 'a bytea is bytes');
  else assert(value instanceof Date && !Number.isNaN(value.getTime()), 'a moment');
}

/** Puts what was decided into the gaps; `rows` are the transfers of the chain as they were posted. */
export const fillRiders = (riders: readonly Rider[], rows: readonly TransferRow[]): Rider[] =>
  riders.map((rider) => (rider.values.some(isGaps) ? fillRider(rider, rows) : rider));

const fillRider = ({ table, values }: Rider, rows: readonly TransferRow[]): Rider => ({
  table,
  values: values.map((value) => (isGaps(value) ? value.map((part) => fill(part, rows)).join('') : value)),
});

function fill(part: string | Decided, rows: readonly TransferRow[]): string {
  if (typeof part === 'string') return part;
  const row = rows[part.of];
  assert(row, 'a gap is of a transfer of the chain');
  const posted = row.kind === 'post' || row.kind === 'post_pending' ? row.amount : 0n;
  switch (part.is) {
    case 'seq':
      return String(row.seq);
    case 'debitBalance':
      return String(row.debitBalance);
    case 'debitBalanceBefore':
      return String(row.debitBalance + posted);
    case 'creditBalance':
      return String(row.creditBalance);
    case 'creditBalanceBefore':
      return String(row.creditBalance - posted);
  }
}

const oids: Readonly<Record<RiderColumn, { one: number; array: number }>> = {
  uuid: { one: 2950, array: 2951 },
  text: { one: 25, array: 1009 },
  int4: { one: 23, array: 1007 },
  int8: { one: 20, array: 1016 },
  bytea: { one: 17, array: 1001 },
  timestamptz: { one: 1184, array: 1185 },
  jsonb: { one: 3802, array: 3807 },
};
/** Of the values alone; longer ones make the buffer grow as they are written. */
const ROW_SIZE_HINT = 512;

function columnsOf({ match, set }: RiderTable): [string, RiderColumn][] {
  return [...Object.entries(match), ...Object.entries(set)];
}

type Statement = { name: string; sql: string; types: readonly number[] };
export type RunStatement = (statement: Statement, parameters: readonly Parameter[], tag: string, rows: number) => void;

/** Writes the statements that store the riders of one batch, table by table, as they were first met. */
export function writeRiders(
  writer: ByteWriter,
  run: RunStatement,
  tables: RiderTables,
  riders: readonly Rider[],
): void {
  const byTable = Map.groupBy(riders, ({ table }) => table);
  for (const [name, rows] of byTable) {
    const table = tables.get(name);
    assert(table, `${name} does not take riders`);
    const { types } = table;
    if (Object.keys(table.match).length > 0) writeUpdates(run, table, rows);
    else {
      run(insertOf(table), [], 'COPY', rows.length);
      writeCopy(writer, rows.length, ROW_SIZE_HINT, (index) => {
        writer.int2(types.length);
        const { values } = rows[index]!;
        types.forEach((type, place) => {
          writeValue(writer, type, values[place] ?? null);
        });
      });
    }
  }
}

const insertOf = (table: RiderTable): Statement => ({
  name: `rider_${table.name}`,
  sql: `copy ${table.table} (${Object.keys(table.set).join(', ')}) from stdin (format binary)`,
  types: [],
});

function writeUpdates(run: RunStatement, table: RiderTable, rows: readonly Rider[]): void {
  const columns = columnsOf(table);
  const matched = Object.keys(table.match).length;
  const statement: Statement = {
    name: `rider_${table.name}`,
    sql:
      `with changed as (update ${table.table} t set ${Object.keys(table.set)
        .map((column) => `${column} = v.s_${column}`)
        .join(', ')} ` +
      `from (${rowsOfArrays(columns.map(([column, type], index) => [`${index < matched ? 'm' : 's'}_${column}`, type]))}) v ` +
      `where ${Object.keys(table.match)
        .map((column) => `t.${column} = v.m_${column}`)
        .join(' and ')} returning 1) ` +
      `select 1 / (case when count(*) = $${columns.length + 1} then 1 else 0 end) from changed`,
    types: [...columns.map(([, type]) => oids[type].array), oids.int8.one],
  };
  const parameters = columns.map(([, type], place) => arrayOf(type, rows, place));
  run(statement, [...parameters, int8(rows.length)], 'SELECT', 1);
}

const arrayOf = (type: RiderColumn, rows: readonly Rider[], place: number): Parameter => ({
  size: 20 + rows.length * 64,
  write(writer) {
    writer.int4(1);
    writer.int4(1);
    writer.int4(oids[type].one);
    writer.int4(rows.length);
    writer.int4(1);
    for (const row of rows) writeValue(writer, type, row.values[place] ?? null);
  },
});

/** A value with its length before it. */
function writeValue(writer: ByteWriter, type: RiderColumn, value: RiderValue): void {
  writer.reserve(64);
  const at = writer.length;
  writer.int4(-1);
  if (value === null) return;
  if (type === 'uuid') writer.uuid(value as Parameters<ByteWriter['uuid']>[0]);
  else if (type === 'int4') writer.int4(value as number);
  else if (type === 'int8') writer.int8(value as bigint);
  else if (type === 'timestamptz') writer.timestamp((value as Date).getTime());
  else if (type === 'bytea') writer.bytes(value as Uint8Array);
  else {
    // The version of jsonb's binary form, and then the text.
    if (type === 'jsonb') writer.byte(1);
    writer.utf8(value as string);
  }
  writer.setInt4(at, writer.length - at - 4);
}
