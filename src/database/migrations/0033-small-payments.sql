-- Up to which sum a person lets money leave the balance without the payment PIN; no row, no such thing. It counts only
-- while the PIN with which it was allowed is the present one.
create table small_payment (
  person_id uuid primary key references person (id),
  currency text not null,
  up_to_minor bigint not null check (up_to_minor > 0),
  set_at timestamptz not null
);
grant select, insert, update, delete on small_payment to purser_app;
