import type { Uuid } from '../kernel/ids.ts';
import { uuid } from '../kernel/ids.ts';
import { accountFlag, countersOf, type AccountBook, type TransferRow } from './books.ts';
import type { Account, AccountId, BalanceAt, HistoryPage, Transfer } from './ledger.ts';
import { readAccounts, readTransfers, toTransferRow, type Reader, type TransferColumns } from './stored-rows.ts';

/** Reading the books: committed rows only, from any process. */

const toAccount = (book: AccountBook): Account => ({
  id: book.id,
  ledger: book.ledger,
  code: book.code,
  flags: {
    ...(book.flags & accountFlag.debitsMustNotExceedCredits && { debitsMustNotExceedCredits: true }),
    ...(book.flags & accountFlag.creditsMustNotExceedDebits && { creditsMustNotExceedDebits: true }),
  },
  frozen: (book.flags & accountFlag.frozen) !== 0,
  closed: (book.flags & accountFlag.closed) !== 0,
  debitsPosted: book.debitsPosted,
  creditsPosted: book.creditsPosted,
  debitsPending: book.debitsPending,
  creditsPending: book.creditsPending,
  counted: book.counted,
});

export const toTransfer = (row: TransferRow): Transfer => ({
  id: row.id,
  seq: BigInt(row.seq),
  // A hold that timed out was voided by the ledger itself.
  kind: row.kind === 'expire' ? 'void_pending' : row.kind,
  debitAccountId: row.debitAccountId,
  creditAccountId: row.creditAccountId,
  amount: row.amount,
  ledger: row.ledger,
  code: row.code,
  pendingId: row.pendingId,
  operationId: row.operationId,
  counters: countersOf(row.counters),
  at: row.at,
});

export async function accounts(reader: Reader, ids: readonly AccountId[]): Promise<Map<AccountId, Account>> {
  const books = ids.length === 0 ? [] : await readAccounts(reader, ids);
  return new Map(books.map((book) => [book.id, toAccount(book)]));
}

export async function transfer(reader: Reader, id: Uuid): Promise<Transfer | undefined> {
  const row = (await readTransfers(reader, [id]))[0];
  return row && toTransfer(row);
}

/** Oldest first. */
export async function transfersOf(reader: Reader, operationId: Uuid): Promise<Transfer[]> {
  const { rows } = await reader.query<TransferColumns>({
    name: 'ledger_transfers_of',
    text: 'select * from ledger_transfer where operation_id = $1 order by seq',
    values: [operationId],
  });
  return rows.map((row) => toTransfer(toTransferRow(row)));
}

/**
 * The transfer at a place, as `t`. One row, and said so: without statistics, as after a restore or before the first
 * analyze, the planner takes one place in two hundred for it and goes through the book.
 */
const rowAt = (place: string) =>
  `lateral (select * from ledger_transfer where ledger_transfer.seq = ${place} limit 1) t`;

/** Of a transfer `t`: where the movement of account $1 before it stands; 0 where there is none. */
const PREVIOUS = 'case t.debit_account_id when $1 then t.debit_previous_seq else t.credit_previous_seq end';

/** One movement in sixteen, from which the way back to an old one is short; see the index of its side. */
const milestoneFrom = (place: string, side: 'debit' | 'credit') =>
  `(select seq from ledger_transfer where ${side}_account_id = $1 and kind in (1, 3) and hashint8(seq) & 15 = 0
       and seq >= ${place} order by seq limit 1)`;

/**
 * Goes back to the newest movement of account $1 before a place; its own place is the last that `search` finds, 0 where
 * there is none. Mostly the place, or the one before it, is of the account itself.
 */
const searchBefore = (place: string) => `
  search(seq) as (
    select coalesce(
             (select t.seq from ledger_transfer t
               where t.seq = ${place} - 1 and t.kind in (1, 3) and $1 in (t.debit_account_id, t.credit_account_id)),
             (select ${PREVIOUS} from ledger_transfer t
               where t.seq = ${place} and $1 in (t.debit_account_id, t.credit_account_id)),
             least(a.last_seq, ${milestoneFrom(place, 'debit')}, ${milestoneFrom(place, 'credit')}))
      from ledger_account a where a.id = $1
    union all
    select ${PREVIOUS} from search s cross join ${rowAt('s.seq')} where s.seq >= ${place}
  )`;
const FOUND = '(select min(seq) from search)';

/** From movement to movement, each of which names the one before it: a page costs the same however large the book is. */
const pageFrom = (first: string) => `
  page as (
    select t.*, 1 as nth from ${rowAt(first)}
    union all
    select t.*, p.nth + 1
      from (select ${PREVIOUS} as previous, t.nth from page t where t.nth < $2) p
      cross join ${rowAt('p.previous')}
  )
  select * from page order by seq desc`;

const NEWEST_PAGE = {
  name: 'ledger_newest_page',
  text: `with recursive ${pageFrom('(select last_seq from ledger_account where id = $1)')}`,
};
const OLDER_PAGE = {
  name: 'ledger_older_page',
  text: `with recursive ${searchBefore('$3::int8')}, ${pageFrom(FOUND)}`,
};

export async function history(
  reader: Reader,
  accountId: AccountId,
  page: { beforeSeq?: bigint; limit: number },
): Promise<HistoryPage> {
  const { beforeSeq, limit } = page;
  const { rows } = await reader.query<TransferColumns>(
    beforeSeq === undefined
      ? { ...NEWEST_PAGE, values: [accountId, limit + 1] }
      : { ...OLDER_PAGE, values: [accountId, limit + 1, beforeSeq] },
  );
  const entries = rows.slice(0, page.limit).map((columns) => {
    const row = toTransferRow(columns);
    const isDebit = row.debitAccountId === accountId;
    return {
      ...toTransfer(row),
      side: isDebit ? ('debit' as const) : ('credit' as const),
      balanceAfter: isDebit ? row.debitBalance : row.creditBalance,
    };
  });
  return { entries, nextBeforeSeq: rows.length > page.limit ? entries.at(-1)?.seq : undefined };
}

/**
 * One statement, so that all of it is seen at one moment. Where the moment ends is found by halving the book, whose time
 * never runs back; then the account's last movement before that place.
 */
const BALANCE_AT = {
  name: 'ledger_balance_at',
  text: `
    with recursive halves(low, high) as (
      select 0::int8, seq from ledger_head where shard = 0
      union all
      select case when t.created_at <= $2 then h.middle else h.low end,
             case when t.created_at <= $2 then h.high else h.middle - 1 end
        from (select low, high, high - (high - low) / 2 as middle from halves where low < high) h
        cross join ${rowAt('h.middle')}
    ), moment(place) as (select max(low) + 1 from halves),
    ${searchBefore('(select place from moment)')}
    select t.seq, case t.debit_account_id when $1 then t.debit_balance else t.credit_balance end as balance, t.created_at as at
      from ledger_account a left join ledger_transfer t on t.seq = ${FOUND}
     where a.id = $1`,
};

export async function balanceAt(reader: Reader, accountId: AccountId, at: Date): Promise<BalanceAt | undefined> {
  const { rows } = await reader.query<{ balance: bigint | null; seq: bigint | null; at: Date | null }>({
    ...BALANCE_AT,
    values: [accountId, at],
  });
  const found = rows[0];
  if (found === undefined) return undefined;
  return { balance: found.balance ?? 0n, lastSeq: found.seq ?? undefined, lastAt: found.at ?? undefined };
}

type DueHold = { id: Uuid; code: number; operationId?: Uuid };

/** Open holds whose time is over, with the code and operation that they were made with. */
export async function dueHolds(reader: Reader, now: Date, limit: number): Promise<DueHold[]> {
  const { rows } = await reader.query<{ id: string; code: number; operation_id: string | null }>({
    name: 'ledger_due_holds',
    text: `select h.id, t.code, t.operation_id from ledger_hold h join ledger_transfer t on t.id = h.id
            where h.state = 0 and h.expires_at <= $1 order by h.expires_at, h.id limit $2`,
    values: [now, limit],
  });
  return rows.map((row) => ({
    id: uuid(row.id),
    code: row.code,
    ...(row.operation_id === null ? {} : { operationId: uuid(row.operation_id) }),
  }));
}

/** Accounts that are frozen or closed, in the order of their ids. */
export async function stoppedAccounts(
  reader: Reader,
  { after, limit }: { after: AccountId; limit: number },
): Promise<AccountId[]> {
  const { rows } = await reader.query<{ id: bigint }>({
    name: 'ledger_stopped_accounts',
    text: 'select id from ledger_account where flags & 12 <> 0 and id > $1 order by id limit $2',
    values: [after, limit],
  });
  return rows.map(({ id }) => id as AccountId);
}
