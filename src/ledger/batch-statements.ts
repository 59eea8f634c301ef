import type { ByteWriter } from './byte-writer.ts';
import { transferKind } from './books.ts';
import { counters } from './ledger.ts';
import type { AccountBook, HoldBook, TransferRow } from './books.ts';
import type { Page } from './page.ts';
import { writeRiders, type RiderTables } from './riders.ts';
import { rowsOfArrays } from './rows-of-arrays.ts';
import * as wire from './wire.ts';
import type { Parameter } from './wire.ts';

/** The statements by which a batch is written, in the order in which they run. */

type Statement = { name: string; sql: string; types: readonly number[] };

const { oid } = wire;

type Column = readonly [name: string, type: 'int2' | 'int4' | 'int8' | 'timestamptz' | 'uuid'];
const namesOf = (columns: readonly Column[]): string => columns.map(([name]) => name).join(', ');
const typesOf = (columns: readonly Column[]): number[] => columns.map(([, type]) => oid[type]);
const arrayTypesOf = (columns: readonly Column[]): number[] => columns.map(([, type]) => oid[`${type}Array`]);

const TRANSFER_COLUMNS: readonly Column[] = [
  ['id', 'uuid'],
  ['seq', 'int8'],
  ['debit_account_id', 'int8'],
  ['credit_account_id', 'int8'],
  ['amount', 'int8'],
  ['debit_balance', 'int8'],
  ['credit_balance', 'int8'],
  ['debit_account_seq', 'int8'],
  ['credit_account_seq', 'int8'],
  ['debit_previous_seq', 'int8'],
  ['credit_previous_seq', 'int8'],
  ['created_at', 'timestamptz'],
  ['ledger', 'int4'],
  ['code', 'int4'],
  ['kind', 'int2'],
  ['pending_id', 'uuid'],
  ['operation_id', 'uuid'],
  ['counters', 'int2'],
];

const insertTransfers: Statement = {
  name: 'ledger_copy',
  sql: `copy ledger_transfer (${namesOf(TRANSFER_COLUMNS)}) from stdin (format binary)`,
  types: [],
};

/** For a transfer alone: beginning and ending a COPY costs more. For two already it is the other way round. */
const insertTransfer: Statement = {
  name: 'ledger_insert',
  sql: `insert into ledger_transfer (${namesOf(TRANSFER_COLUMNS)}) values (${TRANSFER_COLUMNS.map((_, i) => `$${i + 1}`).join(', ')})`,
  types: typesOf(TRANSFER_COLUMNS),
};

/** The fence: a writer that believes in another end of the list, or in an older epoch, sets what the table refuses. */
const moveHead: Statement = {
  name: 'ledger_head',
  sql:
    'update ledger_head set seq = case when seq = $1 and epoch = $2 then $3 else -1 end, ' +
    'last_at = $4, beat_at = clock_timestamp() where shard = 0',
  types: [oid.int8, oid.int8, oid.int8, oid.timestamptz],
};

/**
 * Waits for the batch before. The update alone would not do: its row is checked as it was before the wait first, and the
 * fence would refuse that.
 */
const waitForHead: Statement = {
  name: 'ledger_wait',
  sql: 'select from ledger_head where shard = 0 for update',
  types: [],
};

/** Which account, how many transfers the writer believes it had, and how many it has now. */
const FENCE_COLUMNS: readonly Column[] = [
  ['id', 'int8'],
  ['seq_before', 'int8'],
  ['seq', 'int8'],
];
const ACCOUNT_COLUMNS: readonly Column[] = [
  ['debits_posted', 'int8'],
  ['credits_posted', 'int8'],
  ['debits_pending', 'int8'],
  ['credits_pending', 'int8'],
  ['last_seq', 'int8'],
  ['flags', 'int4'],
];
const COUNTER_COLUMNS = counters.map((counter): Column => [`counter_${counter}`, 'int8']);

/** For a transfer alone, with the same fence as below. */
const updatesAccount = (name: string, columns: readonly Column[]): Statement => ({
  name,
  sql:
    'update ledger_account set seq = case when seq = $2 then $3 else -1 end, ' +
    `${columns.map(([column], index) => `${column} = $${index + 4}`).join(', ')} where id = $1`,
  types: typesOf([...FENCE_COLUMNS, ...columns]),
});

/** Every account carries its own fence too: the count of transfers that the writer believes it had. */
const updatesAccounts = (name: string, columns: readonly Column[]): Statement => ({
  name,
  sql:
    'update ledger_account a set seq = case when a.seq = v.seq_before then v.seq else -1 end, ' +
    `${columns.map(([column]) => `${column} = v.${column}`).join(', ')} ` +
    `from (${rowsOfArrays([...FENCE_COLUMNS, ...columns])}) v where a.id = v.id`,
  types: arrayTypesOf([...FENCE_COLUMNS, ...columns]),
});

const updatesOf = (what: string, columns: readonly Column[]) => ({
  one: updatesAccount(`ledger_one_${what}`, columns),
  many: updatesAccounts(`ledger_many_${what}`, columns),
});

/** Counters are written where one may have changed: payouts, top-ups and withdrawals have none. */
const updates = {
  plain: updatesOf('account', ACCOUNT_COLUMNS),
  counting: updatesOf('counting', [...ACCOUNT_COLUMNS, ...COUNTER_COLUMNS]),
};

const HOLD_COLUMNS: readonly Column[] = [
  ['id', 'uuid'],
  ['debit_account_id', 'int8'],
  ['credit_account_id', 'int8'],
  ['amount', 'int8'],
  ['posted', 'int8'],
  ['expires_at', 'timestamptz'],
  ['ended_by', 'uuid'],
  ['state', 'int2'],
];

const insertHolds: Statement = {
  name: 'ledger_new_holds',
  sql: `insert into ledger_hold (${namesOf(HOLD_COLUMNS)}) ${rowsOfArrays(HOLD_COLUMNS)}`,
  types: arrayTypesOf(HOLD_COLUMNS),
};

const END_COLUMNS: readonly Column[] = [
  ['id', 'uuid'],
  ['posted', 'int8'],
  ['ended_by', 'uuid'],
  ['state', 'int2'],
];

/** A hold that is not open any more cannot end again: the table refuses the state that this would set. */
const endHolds: Statement = {
  name: 'ledger_ended_holds',
  sql:
    'update ledger_hold h set state = case when h.state = 0 then v.state else -1 end, posted = v.posted, ended_by = v.ended_by ' +
    `from (${rowsOfArrays(END_COLUMNS)}) v where h.id = v.id`,
  types: arrayTypesOf(END_COLUMNS),
};

/** Four bytes of length for each column, two for their number, and the values. */
const ROW_SIZE = 2 + TRANSFER_COLUMNS.length * 4 + 16 * 3 + 11 * 8 + 2 * 4 + 2 * 2;

/** What the server must say it did; anything else is a bug that must not go unseen. */
export type Expected = { tag: string; rows: number };

export type Encoded = {
  /** Adds rows and takes no lock that another batch could wait for. */
  rows: Buffer;
  /** Moves the head and all that follows; only to be sent when the batch before has moved it. */
  rest: Buffer;
  expected: Expected[];
  /** Which of what is expected tells that the head is moved. */
  headAt: number;
};

/**
 * Writes a page as messages; `isBehind` where another batch is under way. Names already prepared on the connection are in
 * `prepared`, new ones are added.
 */
export function encodePage(
  writer: ByteWriter,
  page: Page,
  fence: { epoch: number; isBehind: boolean },
  prepared: Set<string>,
  riderTables: RiderTables,
): Encoded {
  writer.clear();
  const expected: Expected[] = [];
  const run = (statement: Statement, parameters: readonly Parameter[], tag: string, rows: number) => {
    if (!prepared.has(statement.name)) wire.writeParse(writer, statement.name, statement.sql, statement.types);
    prepared.add(statement.name);
    wire.writeBind(writer, statement.name, parameters);
    wire.writeExecute(writer);
    expected.push({ tag, rows });
  };
  const { rows, newHolds, endedHolds } = page;
  // In the order of their ids, which is about how they lie: each page of the table is visited once.
  const accounts = page.accounts
    .filter((each) => each.seq !== each.seqBefore || each.flags !== each.flagsBefore)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const [only] = rows;
  const isAlone = rows.length === 1;
  if (only !== undefined && isAlone) run(insertTransfer, rowParameters(only), 'INSERT', 1);
  else if (rows.length > 0) {
    run(insertTransfers, [], 'COPY', rows.length);
    wire.writeCopy(writer, rows.length, ROW_SIZE, (index) => writeRow(writer, rows[index]!));
  }
  const split = writer.length;
  // From here on locks are taken, the head's first: whoever has it is alone with accounts and holds.
  if (fence.isBehind) run(waitForHead, [], 'SELECT', 1);
  run(
    moveHead,
    [
      wire.int8(page.seqBefore),
      wire.int8(fence.epoch),
      wire.int8(page.seqBefore + rows.length),
      wire.timestamptz(page.atMs),
    ],
    'UPDATE',
    1,
  );
  const headAt = expected.length - 1;
  // One alone is committed about as soon.
  if (!isAlone) wire.writeFlush(writer);
  const update = page.counts ? updates.counting : updates.plain;
  if (isAlone) for (const each of accounts) run(update.one, oneAccountParameters(each, page.counts), 'UPDATE', 1);
  else if (accounts.length > 0) {
    run(update.many, accountParameters(accounts, page.counts), 'UPDATE', accounts.length);
  }
  if (newHolds.length > 0) run(insertHolds, newHoldParameters(newHolds), 'INSERT', newHolds.length);
  if (endedHolds.length > 0) run(endHolds, endedHoldParameters(endedHolds), 'UPDATE', endedHolds.length);
  writeRiders(writer, run, riderTables, page.riders);
  wire.writeSync(writer);
  const bytes = writer.written();
  return { rows: bytes.subarray(0, split), rest: bytes.subarray(split), expected, headAt };
}

function writeRow(writer: ByteWriter, row: TransferRow): void {
  writer.int2(TRANSFER_COLUMNS.length);
  writer.int4(16);
  writer.uuid(row.id);
  writer.int4(8);
  writer.int8FromNumber(row.seq);
  writer.int4(8);
  writer.int8(row.debitAccountId);
  writer.int4(8);
  writer.int8(row.creditAccountId);
  writer.int4(8);
  writer.int8(row.amount);
  writer.int4(8);
  writer.int8(row.debitBalance);
  writer.int4(8);
  writer.int8(row.creditBalance);
  writer.int4(8);
  writer.int8FromNumber(row.debitAccountSeq);
  writer.int4(8);
  writer.int8FromNumber(row.creditAccountSeq);
  writer.int4(8);
  writer.int8FromNumber(row.debitPreviousSeq);
  writer.int4(8);
  writer.int8FromNumber(row.creditPreviousSeq);
  writer.int4(8);
  writer.timestamp(row.at.getTime());
  writer.int4(4);
  writer.int4(row.ledger);
  writer.int4(4);
  writer.int4(row.code);
  writer.int4(2);
  writer.int2(transferKind[row.kind]);
  writeOptionalUuid(writer, row.pendingId);
  writeOptionalUuid(writer, row.operationId);
  writer.int4(2);
  writer.int2(row.counters);
}

/** In the order of TRANSFER_COLUMNS. */
const rowParameters = (row: TransferRow): Parameter[] => [
  wire.optionalUuid(row.id),
  wire.int8(row.seq),
  wire.bigInt8(row.debitAccountId),
  wire.bigInt8(row.creditAccountId),
  wire.bigInt8(row.amount),
  wire.bigInt8(row.debitBalance),
  wire.bigInt8(row.creditBalance),
  wire.int8(row.debitAccountSeq),
  wire.int8(row.creditAccountSeq),
  wire.int8(row.debitPreviousSeq),
  wire.int8(row.creditPreviousSeq),
  wire.timestamptz(row.at.getTime()),
  wire.int4(row.ledger),
  wire.int4(row.code),
  wire.int2(transferKind[row.kind]),
  wire.optionalUuid(row.pendingId),
  wire.optionalUuid(row.operationId),
  wire.int2(row.counters),
];
const oneAccountParameters = (each: AccountBook, counts: boolean): Parameter[] => [
  wire.bigInt8(each.id),
  wire.int8(each.seqBefore),
  wire.int8(each.seq),
  wire.bigInt8(each.debitsPosted),
  wire.bigInt8(each.creditsPosted),
  wire.bigInt8(each.debitsPending),
  wire.bigInt8(each.creditsPending),
  wire.int8(each.lastSeq),
  wire.int4(each.flags),
  ...(counts ? each.counted.map(wire.bigInt8) : []),
];

function writeOptionalUuid(writer: ByteWriter, id: TransferRow['pendingId']): void {
  if (id === undefined) {
    writer.int4(-1);
    return;
  }
  writer.int4(16);
  writer.uuid(id);
}

const int8Column = <T>(items: readonly T[], value: (item: T) => bigint) =>
  wire.arrayOf(oid.int8, 8, items, (writer, item) => writer.int8(value(item)));
const numberColumn = <T>(items: readonly T[], value: (item: T) => number) =>
  wire.arrayOf(oid.int8, 8, items, (writer, item) => writer.int8FromNumber(value(item)));
const uuidColumn = <T>(items: readonly T[], value: (item: T) => TransferRow['pendingId']) =>
  wire.arrayOf(oid.uuid, 16, items, (writer, item) => {
    const id = value(item);
    return id === undefined ? null : writer.uuid(id);
  });

const accountParameters = (accounts: readonly AccountBook[], counts: boolean): Parameter[] => [
  int8Column(accounts, (each) => each.id),
  numberColumn(accounts, (each) => each.seqBefore),
  numberColumn(accounts, (each) => each.seq),
  int8Column(accounts, (each) => each.debitsPosted),
  int8Column(accounts, (each) => each.creditsPosted),
  int8Column(accounts, (each) => each.debitsPending),
  int8Column(accounts, (each) => each.creditsPending),
  numberColumn(accounts, (each) => each.lastSeq),
  wire.arrayOf(oid.int4, 4, accounts, (writer, each) => writer.int4(each.flags)),
  ...(counts ? counters.map((counter) => int8Column(accounts, (each) => each.counted[counter])) : []),
];

const newHoldParameters = (holds: readonly HoldBook[]): Parameter[] => [
  uuidColumn(holds, (each) => each.id),
  int8Column(holds, (each) => each.debitAccountId),
  int8Column(holds, (each) => each.creditAccountId),
  int8Column(holds, (each) => each.amount),
  int8Column(holds, (each) => each.posted),
  wire.arrayOf(oid.timestamptz, 8, holds, (writer, each) =>
    each.expiresAtMs === undefined ? null : writer.timestamp(each.expiresAtMs),
  ),
  uuidColumn(holds, (each) => each.endedBy),
  wire.arrayOf(oid.int2, 2, holds, (writer, each) => writer.int2(each.state)),
];

const endedHoldParameters = (holds: readonly HoldBook[]): Parameter[] => [
  uuidColumn(holds, (each) => each.id),
  int8Column(holds, (each) => each.posted),
  uuidColumn(holds, (each) => each.endedBy),
  wire.arrayOf(oid.int2, 2, holds, (writer, each) => writer.int2(each.state)),
];
