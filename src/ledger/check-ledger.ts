import type pg from 'pg';
import type { LedgerCheck } from './ledger.ts';

/**
 * Recomputes the books from the transfers alone and names the first row that is wrong. Each statement below finds
 * rows that must not be, the first of them first, and answers with one sentence in `problem`.
 */

/** Every transfer as each of its two accounts sees it, with what it adds to the four totals. */
const MOVES = `
  moves as (
    select t.seq, t.kind, s.account_id, s.account_seq, s.previous, s.balance, s.is_debit,
           case when t.kind in (1, 3) then t.amount else 0 end as posted,
           case when t.kind = 2 then t.amount when t.kind in (3, 4, 5) then -p.amount else 0 end as pending
      from ledger_transfer t
      left join ledger_transfer p on p.id = t.pending_id
      cross join lateral (values
        (t.debit_account_id, t.debit_account_seq, t.debit_previous_seq, t.debit_balance, true),
        (t.credit_account_id, t.credit_account_seq, t.credit_previous_seq, t.credit_balance, false)
      ) as s(account_id, account_seq, previous, balance, is_debit)
  )`;

const checks: readonly string[] = [
  `select format('transfer at place %s has seq %s: a row is missing, doubled or invented', place, seq) as problem
     from (select seq, row_number() over (order by seq) as place from ledger_transfer) x
    where seq <> place order by place limit 1`,

  `select format('the head says %s, the last transfer is %s', coalesce(h.seq::text, 'nothing'), coalesce(t.last, 0)) as problem
     from (select max(seq) as last from ledger_transfer) t left join ledger_head h on h.shard = 0
    where h.seq is distinct from coalesce(t.last, 0)`,

  `select format('transfer %s (seq %s) is older than the one before it', id, seq) as problem
     from (select id, seq, created_at, lag(created_at) over (order by seq) as before from ledger_transfer) x
    where created_at < before order by seq limit 1`,

  `select format('transfer %s (seq %s) names an account that is not there or not of ledger %s', t.id, t.seq, t.ledger) as problem
     from ledger_transfer t
     left join ledger_account d on d.id = t.debit_account_id and d.ledger = t.ledger
     left join ledger_account c on c.id = t.credit_account_id and c.ledger = t.ledger
    where d.id is null or c.id is null order by t.seq limit 1`,

  `select format('transfer %s (seq %s) ends hold %s, which does not allow it', t.id, t.seq, t.pending_id) as problem
     from ledger_transfer t left join ledger_transfer p on p.id = t.pending_id
    where t.kind in (3, 4, 5) and (p.id is null or p.kind <> 2 or p.seq >= t.seq
          or p.debit_account_id <> t.debit_account_id or p.credit_account_id <> t.credit_account_id
          or t.amount > p.amount or (t.kind <> 3 and t.amount <> p.amount))
    order by t.seq limit 1`,

  `select format('transfer %s (seq %s) ends hold %s a second time', id, seq, pending_id) as problem
     from (select id, seq, pending_id, row_number() over (partition by pending_id order by seq) as time
             from ledger_transfer where pending_id is not null) x
    where time > 1 order by seq limit 1`,

  `select format('hold %s does not agree with its transfers', coalesce(h.id, p.id)) as problem
     from ledger_hold h
     full join (select * from ledger_transfer where kind = 2) p on p.id = h.id
     left join ledger_transfer e on e.pending_id = p.id
    where h.id is null or p.id is null
       or (h.debit_account_id, h.credit_account_id, h.amount) is distinct from (p.debit_account_id, p.credit_account_id, p.amount)
       or h.ended_by is distinct from e.id
       or h.state <> case e.kind when 3 then 1 when 4 then 2 when 5 then 3 else 0 end
       or h.posted <> case e.kind when 3 then e.amount else 0 end
    order by p.seq nulls first limit 1`,

  // By itself when its time is over and not before; by hand until then and not after.
  `select format('hold %s was ended by transfer %s (seq %s) on the wrong side of its time', h.id, e.id, e.seq) as problem
     from ledger_hold h join ledger_transfer e on e.id = h.ended_by
    where (e.kind = 5) <> coalesce(e.created_at >= h.expires_at, false) order by e.seq limit 1`,

  `with ${MOVES}
   select format('transfer seq %s: account %s has number %s, balance %s and the movement at %s before it, but should have %s, %s and %s',
                 x.seq, x.account_id, x.account_seq, x.balance, x.previous, x.place, x.sum, x.last) as problem
     from (select seq, account_id, account_seq, balance, previous,
                  row_number() over w as place,
                  sum(case when is_debit then -posted else posted end) over (w rows unbounded preceding) as sum,
                  coalesce(max(case when kind in (1, 3) then seq end)
                    over (w rows between unbounded preceding and 1 preceding), 0) as last
             from moves window w as (partition by account_id order by seq)) x
    where x.account_seq <> x.place or x.balance <> x.sum or x.previous <> x.last order by x.seq limit 1`,

  `with ${MOVES}
   select format('transfer seq %s overdraws account %s', x.seq, x.account_id) as problem
     from (select m.seq, m.account_id, a.flags,
                  sum(case when is_debit then -posted else posted end) over w as balance,
                  sum(case when is_debit then pending else 0 end) over w as debits_pending,
                  sum(case when is_debit then 0 else pending end) over w as credits_pending
             from moves m join ledger_account a on a.id = m.account_id and a.flags & 3 <> 0
           window w as (partition by m.account_id order by m.seq rows unbounded preceding)) x
    where (x.flags & 1 <> 0 and x.balance - x.debits_pending < 0)
       or (x.flags & 2 <> 0 and x.balance + x.credits_pending > 0)
    order by x.seq limit 1`,

  `with ${MOVES}
   select format('account %s does not agree with its transfers: it says %s, they say %s', a.id,
                 concat_ws('/', a.seq, a.last_seq, a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending),
                 concat_ws('/', coalesce(m.n, 0), coalesce(m.last, 0), coalesce(m.dp, 0), coalesce(m.cp, 0), coalesce(m.dh, 0), coalesce(m.ch, 0))) as problem
     from ledger_account a
     left join (select account_id, count(*) as n, max(case when kind in (1, 3) then seq end) as last,
                       sum(case when is_debit then posted else 0 end) as dp, sum(case when is_debit then 0 else posted end) as cp,
                       sum(case when is_debit then pending else 0 end) as dh, sum(case when is_debit then 0 else pending end) as ch
                  from moves group by account_id) m on m.account_id = a.id
    where (a.seq, a.last_seq, a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending) is distinct from
          (coalesce(m.n, 0), coalesce(m.last, 0), coalesce(m.dp, 0), coalesce(m.cp, 0), coalesce(m.dh, 0), coalesce(m.ch, 0))
    order by a.id limit 1`,

  `select format('account %s counted %s, its transfers say %s', a.id, concat_ws('/', a.counter_0, a.counter_1),
                 concat_ws('/', coalesce(c.first, 0), coalesce(c.second, 0))) as problem
     from ledger_account a
     left join (select debit_account_id as account_id, sum(case when counters & 1 <> 0 then amount else 0 end) as first,
                       sum(case when counters & 2 <> 0 then amount else 0 end) as second
                  from ledger_transfer where counters <> 0 group by debit_account_id) c on c.account_id = a.id
    where (a.counter_0, a.counter_1) is distinct from (coalesce(c.first, 0), coalesce(c.second, 0))
    order by a.id limit 1`,

  // The next transfer is not older than the head says.
  `select format('the head is of %s, the last transfer of %s', h.last_at, t.last) as problem
     from ledger_head h, (select max(created_at) as last from ledger_transfer) t where h.last_at < t.last`,

  `select format('ledger %s: debits %s and credits %s differ', ledger, d, c) as problem
     from (select ledger, sum(debits_posted::numeric) as d, sum(credits_posted::numeric) as c,
                  sum(debits_pending::numeric) as dh, sum(credits_pending::numeric) as ch
             from ledger_account group by ledger) x
    where d <> c or dh <> ch order by ledger limit 1`,
];

/** Checks a state that nobody changes meanwhile: one snapshot for all statements. The ledger may go on working. */
export async function checkLedger(connection: pg.ClientBase): Promise<LedgerCheck> {
  await connection.query('begin isolation level repeatable read read only');
  try {
    // Every check goes through the whole book, and mostly finds nothing: row by row, in the hope that the first wrong one
    // comes soon, it would be through after hours.
    await connection.query(
      "set local statement_timeout to 0; set local enable_nestloop to off; set local work_mem to '64MB'",
    );
    for (const check of checks) {
      const { rows } = await connection.query<{ problem: string }>(check);
      if (rows[0] !== undefined) return { ok: false, problem: rows[0].problem };
    }
    const { rows } = await connection.query<{ transfers: string | bigint; accounts: string | bigint }>(
      'select (select count(*) from ledger_transfer) as transfers, (select count(*) from ledger_account) as accounts',
    );
    const { transfers, accounts } = rows[0]!;
    return { ok: true, transfers: BigInt(transfers), accounts: BigInt(accounts) };
  } finally {
    await connection.query('rollback');
  }
}
