-- The ledger: accounts, an append-only list of transfers, the holds that are open or ended, and one head row.
-- Plain statements only, no triggers, no foreign keys: the write path is one writer that decides in memory,
-- and the constraints below refuse what a faulty writer might bring.

create table ledger_account (
  id bigint primary key check (id > 0),
  -- How many transfers touched the account: gapless, and the fence against a lost update.
  seq bigint not null default 0 check (seq >= 0),
  debits_posted bigint not null default 0 check (debits_posted >= 0),
  credits_posted bigint not null default 0 check (credits_posted >= 0),
  debits_pending bigint not null default 0 check (debits_pending >= 0),
  credits_pending bigint not null default 0 check (credits_pending >= 0),
  ledger int not null check (ledger > 0),
  code int not null check (code >= 0),
  -- 1 debits must not exceed credits, 2 credits must not exceed debits, 4 frozen, 8 closed
  flags int not null default 0 check (flags between 0 and 15),
  constraint debits_must_not_exceed_credits check (flags & 1 = 0 or debits_posted + debits_pending <= credits_posted),
  constraint credits_must_not_exceed_debits check (flags & 2 = 0 or credits_posted + credits_pending <= debits_posted)
) with (fillfactor = 70);

-- One row per movement, never changed. Wide columns first, so that rows carry no padding.
create table ledger_transfer (
  id uuid primary key,
  seq bigint not null check (seq > 0),
  debit_account_id bigint not null,
  credit_account_id bigint not null check (credit_account_id <> debit_account_id),
  amount bigint not null check (amount between 1 and 9007199254740991),
  -- Credits minus debits posted of either account after this transfer, and the account's own count of transfers.
  debit_balance bigint not null,
  credit_balance bigint not null,
  debit_account_seq bigint not null check (debit_account_seq > 0),
  credit_account_seq bigint not null check (credit_account_seq > 0),
  created_at timestamptz not null,
  ledger int not null,
  code int not null,
  -- 1 post, 2 pending, 3 post pending, 4 void pending, 5 expired
  kind smallint not null check (kind between 1 and 5),
  pending_id uuid,
  operation_id uuid,
  check ((kind in (3, 4, 5)) = (pending_id is not null))
);
-- Histories show posted movements only; holds and their release are not in them.
create index ledger_transfer_debit on ledger_transfer (debit_account_id, seq) where kind in (1, 3);
create index ledger_transfer_credit on ledger_transfer (credit_account_id, seq) where kind in (1, 3);
create index ledger_transfer_operation on ledger_transfer (operation_id) where operation_id is not null;
-- Rows lie in the order of seq, so that a range of it is found for almost nothing.
create index ledger_transfer_order on ledger_transfer using brin (seq, created_at) with (pages_per_range = 32, autosummarize = on);

-- The state of every pending transfer; its end is written once.
create table ledger_hold (
  id uuid primary key,
  debit_account_id bigint not null,
  credit_account_id bigint not null,
  amount bigint not null check (amount > 0),
  posted bigint not null default 0 check (posted between 0 and amount),
  expires_at timestamptz,
  ended_by uuid,
  -- 0 open, 1 posted, 2 voided, 3 expired
  state smallint not null default 0 check (state between 0 and 3),
  check ((state = 0) = (ended_by is null)),
  check ((state = 1) = (posted > 0))
) with (fillfactor = 70);
create index ledger_hold_due on ledger_hold (expires_at) where state = 0 and expires_at is not null;

-- Where the list ends, and whose turn it is to write. A batch that believes in another seq or epoch sets seq to -1,
-- which the check refuses: that is the fence.
create table ledger_head (
  shard int primary key check (shard = 0),
  seq bigint not null check (seq >= 0),
  epoch bigint not null check (epoch >= 0),
  last_at timestamptz not null,
  beat_at timestamptz not null
) with (fillfactor = 10);
insert into ledger_head values (0, 0, 0, 'epoch', 'epoch');

grant select, insert on ledger_account, ledger_transfer, ledger_hold to purser_app;
grant update (seq, debits_posted, credits_posted, debits_pending, credits_pending, flags) on ledger_account to purser_app;
grant update (state, posted, ended_by) on ledger_hold to purser_app;
grant select on ledger_head to purser_app;
grant update (seq, epoch, last_at, beat_at) on ledger_head to purser_app;
