-- What the comparison of accounts with the books found: whose flags in the ledger were others than their row said, so that
-- operators see it after the log is gone. Written with the order to bring it there again.
create table account_difference (
  seq bigint generated always as identity primary key,
  person_id uuid not null references person (id),
  in_row text not null,
  in_ledger text not null,
  found_at timestamptz not null default now()
);
create index account_difference_of_person on account_difference (person_id, seq);
grant select, insert on account_difference to purser_app;
