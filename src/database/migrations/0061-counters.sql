-- What left an account can be counted in two sums of it beside its balance, so that a limit on what is paid in a period
-- costs no row of its own: a movement says in which it is counted, and how far they may go when it is decided.
alter table ledger_account
  add column counter_0 bigint not null default 0 constraint ledger_account_counter_0_check check (counter_0 >= 0),
  add column counter_1 bigint not null default 0 constraint ledger_account_counter_1_check check (counter_1 >= 0);
grant update (counter_0, counter_1) on ledger_account to purser_app;

-- A bit for each. What is held is not counted: it may be given back.
alter table ledger_transfer
  add column counters smallint not null default 0
    constraint ledger_transfer_counters_check check (counters between 0 and 3 and (counters = 0 or kind = 1));
-- A program of before, left running, does not say whether it counts, and writes nothing any more.
alter table ledger_transfer alter column counters drop default;

-- From where a counter counts for a limit in one of its periods: what it said before the first movement of the period.
create table limit_period (
  person_id uuid not null references person (id),
  limit_name text not null,
  period text not null,
  counted_before bigint not null,
  policy_version text not null,
  begun_at timestamptz not null,
  primary key (person_id, limit_name, period)
);
grant select, insert on limit_period to purser_app;

-- What these limits have counted in accounts of their own until now, in the periods that may still last.
insert into limit_period
select w.person_id, w.limit_name, w.period, -a.debits_posted, w.policy_version, w.created_at
  from allowance w join ledger_account a on a.id = w.account_number
 where w.limit_name ~ '^(balance|without_pin)_' and w.limit_name <> 'balance_pause'
   and (w.limit_name !~ '_day$' or w.created_at > now() - interval '3 days');
