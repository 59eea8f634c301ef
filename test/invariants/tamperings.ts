import type { AccountId } from '../../src/ledger/ledger.ts';

/** What is changed in the tables by tampered-books.test.ts, one thing at a time, and what must be said of it. */

type Six = [AccountId, AccountId, AccountId, AccountId, AccountId, AccountId];
export const [source, rich, poor, asset, till, idle] = [1n, 2n, 3n, 4n, 5n, 6n] as Six;
export const [giver, taker] = [7n, 8n] as [AccountId, AccountId];
export const accounts = [source, rich, poor, asset, till, idle, giver, taker];
export const FILLING = 600;
/** What the first head covers; one more is covered by the second. */
const SIGNED = 16 + FILLING;
export const LAST = SIGNED + 1;

/** What is done, the table and the columns that it is about, and what is told: by the books themselves, by the log. */
type Tampering = { table: string; columns: string; sql: string; books: RegExp; log?: RegExp };
export const right = /^right$/;
const set = (place: number, change: string, books: RegExp, log?: RegExp): Tampering => ({
  table: 'transfer',
  columns: change.slice(0, change.indexOf(' ')),
  sql: `update ledger_transfer set ${change} where seq = ${place}`,
  books,
  ...(log === undefined ? {} : { log }),
});
export const signed = new RegExp(`^the first ${SIGNED} transfers are not those that head ${SIGNED} signed`);

export const changes: Tampering[] = [
  set(2, 'id = gen_random_uuid()', right, signed),
  set(4, 'id = gen_random_uuid()', /^transfer \S+ \(seq 8\) ends hold \S+, which does not allow it/, signed),
  set(2, 'seq = 100000', /^transfer at place 2 has seq 3: a row is missing/),
  set(5, 'seq = 4', /^transfer at place 5 has seq 4: a row is missing, doubled/),
  set(2, 'debit_account_id = 6', /^transfer seq 2: account 6 has number 2/, signed),
  set(8, 'debit_account_id = 6', /\(seq 8\) ends hold \S+, which does not allow it/, signed),
  set(8, 'credit_account_id = 6', /\(seq 8\) ends hold \S+, which does not allow it/, signed),
  set(11, 'debit_account_id = 777', /^transfer \S+ \(seq 11\) names an account that is not there/),
  set(2, 'credit_account_id = 6', /^transfer seq 3: account 3 has number 2, .* should have 1, 0 and 0$/, signed),
  set(2, 'amount = 101', /^transfer seq 2: account [23] has number/, signed),
  set(3, 'amount = 11', /^hold \S+ does not agree with its transfers/, signed),
  set(7, 'amount = 11', /^transfer \S+ \(seq 7\) ends hold \S+, which does not allow it/, signed),
  set(8, 'amount = 19', /^transfer \S+ \(seq 8\) ends hold \S+, which does not allow it/, signed),
  set(10, 'debit_balance = -8', /^transfer seq 10: account 4 .* -8 .* should have 1, -7 and 0/),
  set(10, 'credit_balance = 8', /^transfer seq 10: account 5 .* 8 .* should have 1, 7 and 0/),
  set(10, 'debit_account_seq = 2', /^transfer seq 10: account 4 has number 2/),
  set(10, 'credit_account_seq = 2', /^transfer seq 10: account 5 has number 2/),
  set(10, 'debit_previous_seq = 9', /^transfer seq 10: account 4 .* the movement at 9 before it/),
  set(11, 'credit_previous_seq = 2', /^transfer seq 11: account 3 .* at 2 before it, .* and 7$/),
  set(2, "created_at = created_at - interval '1 day'", /\(seq 2\) is older than the one before it/, signed),
  set(11, "created_at = created_at + interval '1 day'", /\(seq 12\) is older than the one before it/, signed),
  set(2, 'ledger = 2', /\(seq 2\) names an account that is not there or not of ledger 2/, signed),
  set(2, 'code = 8', right, signed),
  set(2, 'kind = 2', /^hold \S+ does not agree with its transfers/, signed),
  set(3, 'kind = 1', /^transfer \S+ \(seq 7\) ends hold/, signed),
  set(8, 'kind = 3', /^hold \S+ does not agree with its transfers/, signed),
  set(8, 'kind = 5', /^hold \S+ does not agree with its transfers/),
  set(
    8,
    'pending_id = (select id from ledger_transfer where seq = 3)',
    /\(seq 8\) ends hold \S+, which does not allow it/,
    signed,
  ),
  set(1, 'operation_id = null', right, signed),
  set(2, 'operation_id = gen_random_uuid()', right, signed),
  set(1, 'counters = 0', /^account 1 counted 1005\/5, its transfers say 5\/5$/, right),
  set(1, 'counters = 2', /^account 1 counted 1005\/5, its transfers say 5\/1005$/, right),
  set(1, 'counters = 3', /^account 1 counted 1005\/5, its transfers say 1005\/1005$/, right),
  set(2, 'counters = 1', /^account 2 counted 0\/0, its transfers say 100\/0$/, right),
  set(11, 'counters = 2', /^account 1 counted 1005\/5, its transfers say 1000\/5$/, right),

  ...(
    [
      ['seq', 'seq = seq + 1'],
      ['last_seq', 'last_seq = 2'],
      ['debits_posted', 'debits_posted = debits_posted + 1'],
      ['credits_posted', 'credits_posted = credits_posted + 1'],
      ['debits_pending', 'debits_pending = debits_pending + 1'],
      ['credits_pending', 'credits_pending = credits_pending + 1'],
    ] as const
  ).map(
    ([columns, change]): Tampering => ({
      table: 'account',
      columns,
      sql: `update ledger_account set ${change} where id = ${rich}`,
      books: /^account 2 does not agree with its transfers: it says [\d/]+, they say [\d/]+$/,
    }),
  ),
  ...(
    [
      ['counter_0', 'counter_0 = counter_0 + 1', '1006/5'],
      ['counter_0', 'counter_0 = 0', '0/5'],
      ['counter_1', 'counter_1 = counter_1 - 1', '1005/4'],
      ['counter_0 counter_1', 'counter_0 = counter_1, counter_1 = counter_0', '5/1005'],
    ] as const
  ).map(
    ([columns, change, says]): Tampering => ({
      table: 'account',
      columns,
      sql: `update ledger_account set ${change} where id = ${source}`,
      books: new RegExp(`^account 1 counted ${says}, its transfers say 1005/5$`),
      log: right,
    }),
  ),
  {
    table: 'account',
    columns: 'counter_1',
    sql: `update ledger_account set counter_1 = 7 where id = ${till}`,
    books: /^account 5 counted 0\/7, its transfers say 0\/0$/,
    log: right,
  },
  {
    table: 'account',
    columns: 'id',
    sql: `update ledger_account set id = 888 where id = ${till}`,
    books: /\(seq 10\) names an account that is not there/,
  },
  {
    table: 'account',
    columns: 'ledger',
    sql: `update ledger_account set ledger = 3 where id = ${till}`,
    books: /\(seq 10\) names an account that is not there or not of ledger 2/,
  },

  ...(
    [
      ['debit_account_id', 'debit_account_id = 1', 6],
      ['credit_account_id', 'credit_account_id = 1', 6],
      ['amount', 'amount = 41', 6],
      ['posted', 'posted = 5', 3],
      ['ended_by', 'ended_by = gen_random_uuid()', 3],
      ['state', 'state = 3', 4],
      ['state ended_by', 'state = 0, ended_by = null', 4],
      ['id', 'id = gen_random_uuid()', 6],
    ] as const
  ).map(
    ([columns, change, place]): Tampering => ({
      table: 'hold',
      columns,
      sql: `update ledger_hold set ${change} where id = (select id from ledger_transfer where seq = ${place})`,
      books: /^hold \S+ does not agree with its transfers$/,
    }),
  ),
  {
    table: 'hold',
    columns: 'expires_at',
    sql: "update ledger_hold set expires_at = expires_at + interval '1 day' where state = 3",
    books: /^hold \S+ was ended by transfer \S+ \(seq 9\) on the wrong side of its time$/,
  },

  {
    table: 'head',
    columns: 'seq',
    sql: 'update ledger_head set seq = seq + 1',
    books: new RegExp(`^the head says ${LAST + 1}, the last transfer is ${LAST}$`),
  },
];
