import type pg from 'pg';
import { uuid, type Uuid } from '../kernel/ids.ts';
import { transferKind } from './books.ts';
import type { AccountBook, HoldBook, HoldState, TransferKind, TransferRow } from './books.ts';
import type { AccountId } from './ledger.ts';

/** Reads rows of the ledger's tables as the books hold them. */

export type Reader = Pick<pg.ClientBase, 'query'>;

type AccountColumns = {
  id: bigint;
  seq: bigint;
  last_seq: bigint;
  ledger: number;
  code: number;
  flags: number;
  debits_posted: bigint;
  credits_posted: bigint;
  debits_pending: bigint;
  credits_pending: bigint;
  counter_0: bigint;
  counter_1: bigint;
};
type HoldColumns = {
  id: string;
  debit_account_id: bigint;
  credit_account_id: bigint;
  amount: bigint;
  posted: bigint;
  expires_at: Date | null;
  ended_by: string | null;
  state: HoldState;
};
export type TransferColumns = {
  id: string;
  seq: bigint;
  debit_account_id: bigint;
  credit_account_id: bigint;
  amount: bigint;
  debit_balance: bigint;
  credit_balance: bigint;
  debit_account_seq: bigint;
  credit_account_seq: bigint;
  debit_previous_seq: bigint;
  credit_previous_seq: bigint;
  created_at: Date;
  ledger: number;
  code: number;
  kind: number;
  pending_id: string | null;
  operation_id: string | null;
  counters: number;
};

const kinds = new Map<number, TransferKind>(
  (Object.keys(transferKind) as TransferKind[]).map((kind) => [transferKind[kind], kind]),
);

const kindOf = (stored: number): TransferKind => {
  const kind = kinds.get(stored);
  if (kind === undefined) throw new Error(`assertion: no transfer kind ${stored}`);
  return kind;
};

const optionalUuid = (text: string | null): Uuid | undefined => (text === null ? undefined : uuid(text));

const toAccountBook = (row: AccountColumns): AccountBook => ({
  id: row.id as AccountId,
  ledger: row.ledger,
  code: row.code,
  flags: row.flags,
  debitsPosted: row.debits_posted,
  creditsPosted: row.credits_posted,
  debitsPending: row.debits_pending,
  creditsPending: row.credits_pending,
  counted: [row.counter_0, row.counter_1],
  seq: Number(row.seq),
  lastSeq: Number(row.last_seq),
  batch: 0,
  seqBefore: Number(row.seq),
  flagsBefore: row.flags,
});

const toHoldBook = (row: HoldColumns): HoldBook => ({
  id: uuid(row.id),
  debitAccountId: row.debit_account_id as AccountId,
  creditAccountId: row.credit_account_id as AccountId,
  amount: row.amount,
  expiresAtMs: row.expires_at?.getTime(),
  state: row.state,
  posted: row.posted,
  endedBy: optionalUuid(row.ended_by),
  batch: 0,
});

export const toTransferRow = (row: TransferColumns): TransferRow => ({
  id: uuid(row.id),
  seq: Number(row.seq),
  kind: kindOf(row.kind),
  debitAccountId: row.debit_account_id as AccountId,
  creditAccountId: row.credit_account_id as AccountId,
  amount: row.amount,
  debitBalance: row.debit_balance,
  creditBalance: row.credit_balance,
  debitAccountSeq: Number(row.debit_account_seq),
  creditAccountSeq: Number(row.credit_account_seq),
  debitPreviousSeq: Number(row.debit_previous_seq),
  creditPreviousSeq: Number(row.credit_previous_seq),
  ledger: row.ledger,
  code: row.code,
  pendingId: optionalUuid(row.pending_id),
  operationId: optionalUuid(row.operation_id),
  counters: row.counters,
  at: row.created_at,
});

/** The epoch of whoever began to write last. */
export async function readEpoch(reader: Reader): Promise<number> {
  const { rows } = await reader.query<{ epoch: bigint }>({
    name: 'ledger_read_epoch',
    text: 'select epoch from ledger_head where shard = 0',
  });
  return Number(rows[0]?.epoch);
}

export async function readAccounts(reader: Reader, ids: readonly AccountId[]): Promise<AccountBook[]> {
  const { rows } = await reader.query<AccountColumns>({
    name: 'ledger_read_accounts',
    text: 'select * from ledger_account where id = any($1::int8[])',
    values: [ids],
  });
  return rows.map(toAccountBook);
}

export async function readHolds(reader: Reader, ids: readonly Uuid[]): Promise<HoldBook[]> {
  const { rows } = await reader.query<HoldColumns>({
    name: 'ledger_read_holds',
    text: 'select * from ledger_hold where id = any($1::uuid[])',
    values: [ids],
  });
  return rows.map(toHoldBook);
}

export async function readTransfers(reader: Reader, ids: readonly Uuid[]): Promise<TransferRow[]> {
  const { rows } = await reader.query<TransferColumns>({
    name: 'ledger_read_transfers',
    text: 'select * from ledger_transfer where id = any($1::uuid[])',
    values: [ids],
  });
  return rows.map(toTransferRow);
}
