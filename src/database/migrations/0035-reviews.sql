-- What people of the operator decide where a bank leaves an outcome open: by two of them, never changed afterwards.

create table operator (
  name text primary key check (name ~ '^[a-z][a-z0-9.-]{1,39}$'),
  -- The token is said once, when the operator is added.
  token_digest bytea not null unique check (octet_length(token_digest) = 32),
  added_at timestamptz not null,
  removed_at timestamptz
);

create table review_decision (
  id uuid primary key,
  operation_key uuid not null references operation (key),
  -- The step that waits for it, or `break` for what the bank said after the operation had ended.
  about text not null check (about in ('reconciling', 'unreturned', 'break')),
  outcome text not null check (outcome in ('debited', 'not_debited', 'credited', 'not_credited', 'returned')),
  because text not null check (char_length(because) between 10 and 500),
  operator text not null references operator (name),
  decided_at timestamptz not null,
  unique (id, operation_key, about)
);
create index review_decision_by_operation on review_decision (operation_key);

-- The second of the two. One decision of a case is confirmed, whatever else was proposed.
create table review_confirmation (
  decision_id uuid primary key,
  operation_key uuid not null,
  about text not null,
  because text not null check (char_length(because) between 10 and 500),
  operator text not null references operator (name),
  confirmed_at timestamptz not null,
  unique (operation_key, about),
  foreign key (decision_id, operation_key, about) references review_decision (id, operation_key, about)
);

create function review_takes_two() returns trigger language plpgsql as $$
begin
  if new.operator = (select operator from review_decision where id = new.decision_id) then
    raise exception 'a decision is confirmed by somebody else than % who made it', new.operator using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger review_takes_two before insert on review_confirmation for each row execute function review_takes_two();

-- What was booked for a decision about a break; for a movement its operation books it.
create table review_booking (
  decision_id uuid primary key references review_confirmation (decision_id),
  -- Null where the books are right as they are.
  transfer_id uuid,
  booked_at timestamptz not null
);

grant select, insert, update (removed_at) on operator to purser_app;
grant select, insert on review_decision, review_confirmation, review_booking to purser_app;
