-- The history of an account is a chain: every transfer names the place of the movement before it of either account, and
-- the account the place of its last. Two indexes by account cost the server more than all else that a transfer writes;
-- one by place, which only grows at its end, costs next to nothing.

-- First, so that filling in the chains of a large book does not move their entries too.
drop index ledger_transfer_debit;
drop index ledger_transfer_credit;
drop index ledger_transfer_order;
drop function ledger_summarize_order();

alter table ledger_transfer
  add column debit_previous_seq bigint not null default 0 check (debit_previous_seq >= 0),
  add column credit_previous_seq bigint not null default 0 check (credit_previous_seq >= 0),
  -- Whoever follows a chain comes to its end. And a fence more: a writer that believes in an old end of the book fails here.
  add constraint chains_lead_back check (debit_previous_seq < seq and credit_previous_seq < seq);
alter table ledger_account add column last_seq bigint not null default 0 check (last_seq >= 0);

with sides as (
  select seq, kind, debit_account_id as account_id, true as is_debit from ledger_transfer
  union all
  select seq, kind, credit_account_id, false from ledger_transfer
), linked as (
  select seq, is_debit,
         coalesce(max(case when kind in (1, 3) then seq end)
           over (partition by account_id order by seq rows between unbounded preceding and 1 preceding), 0) as previous
    from sides
)
update ledger_transfer t set debit_previous_seq = d.previous, credit_previous_seq = c.previous
  from linked d join linked c on c.seq = d.seq and not c.is_debit
 where d.seq = t.seq and d.is_debit;

update ledger_account a set last_seq = l.last
  from (select account_id, max(seq) as last
          from (select seq, debit_account_id as account_id from ledger_transfer where kind in (1, 3)
                union all
                select seq, credit_account_id from ledger_transfer where kind in (1, 3)) x
         group by account_id) l
 where l.account_id = a.id;

alter table ledger_transfer alter column debit_previous_seq drop default, alter column credit_previous_seq drop default;

create index ledger_transfer_seq on ledger_transfer (seq);
-- Whoever asks for a place in the middle of a history begins at the next milestone behind it. They are strewn by chance,
-- so that no rhythm of payments misses them.
create index ledger_transfer_debit_milestone on ledger_transfer (debit_account_id, seq)
  where kind in (1, 3) and hashint8(seq) & 15 = 0;
create index ledger_transfer_credit_milestone on ledger_transfer (credit_account_id, seq)
  where kind in (1, 3) and hashint8(seq) & 15 = 0;

grant update (last_seq) on ledger_account to purser_app;
