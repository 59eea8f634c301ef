import type { Uuid } from '../kernel/ids.ts';
import { uuid } from '../kernel/ids.ts';
import { accountFlag, type AccountBook, type TransferRow } from './books.ts';
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

/** Each side is read along its own index, so a page costs the same however long the history is. */
export async function history(
  reader: Reader,
  accountId: AccountId,
  page: { beforeSeq?: bigint; limit: number },
): Promise<HistoryPage> {
  const side = (column: string) =>
    `(select * from ledger_transfer where ${column} = $1 and seq < $2 and kind in (1, 3) order by seq desc limit $3)`;
  const { rows } = await reader.query<TransferColumns>({
    name: 'ledger_history',
    text: `${side('debit_account_id')} union all ${side('credit_account_id')} order by seq desc limit $3`,
    values: [accountId, page.beforeSeq ?? 2n ** 63n - 1n, page.limit + 1],
  });
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
 * The last posted movement of one side of an account until a moment, halving the places where it may be: first the newest
 * is looked at, then the newest before the middle of what is left. Time never runs back along seq.
 */
const lastUntil = (side: 'debit' | 'credit') => `
  (with recursive search(step, low, high, seq, balance, at) as (
     select 0, 0::int8, (select seq from ledger_head where shard = 0), null::int8, null::int8, null::timestamptz
     union all
     select s.step + 1,
            case when r.seq is null or r.created_at <= $2 then s.middle else s.low end,
            case when r.created_at > $2 then r.seq - 1 else s.high end,
            case when r.created_at <= $2 then r.seq else s.seq end,
            case when r.created_at <= $2 then r.${side}_balance else s.balance end,
            case when r.created_at <= $2 then r.created_at else s.at end
       from (select *, case step when 0 then high else high - (high - low) / 2 end as middle from search) s
       left join lateral (
         select t.seq, t.created_at, t.${side}_balance from ledger_transfer t
          where t.${side}_account_id = $1 and t.kind in (1, 3) and t.seq > s.low and t.seq <= s.middle
          order by t.seq desc limit 1) r on true
      where s.low < s.high
   )
   select seq, balance, at from search order by step desc limit 1)`;

/** One statement, so that both sides are seen at the same moment. Costs the logarithm of the book, by the sides' indexes. */
export async function balanceAt(reader: Reader, accountId: AccountId, at: Date): Promise<BalanceAt | undefined> {
  const { rows } = await reader.query<{ balance: bigint | null; seq: bigint | null; at: Date | null }>({
    name: 'ledger_balance_at',
    text: balanceAtStatement,
    values: [accountId, at],
  });
  const found = rows[0];
  if (found === undefined) return undefined;
  return { balance: found.balance ?? 0n, lastSeq: found.seq ?? undefined, lastAt: found.at ?? undefined };
}

const balanceAtStatement = `
  select last.seq, last.balance, last.at from ledger_account a
    left join lateral (
      select * from (${lastUntil('debit')} union all ${lastUntil('credit')}) sides
       where seq is not null order by seq desc limit 1) last on true
   where a.id = $1`;

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
