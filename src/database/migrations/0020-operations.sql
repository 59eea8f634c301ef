-- Durable flows. One row per operation, one row per thing that happened to it.
-- `key` is ours, derived from owner and id, so that the same id of two owners are two operations.

-- The moves that flows declare; no other can be recorded.
create table operation_move (
  kind text not null,
  from_step text not null,
  to_step text not null,
  primary key (kind, from_step, to_step)
);

create table operation (
  key uuid primary key,
  owner_id uuid not null,
  id uuid not null,
  kind text not null,
  state text not null check (state in
    ('needs_you', 'working', 'asking', 'in_review', 'succeeded', 'refused', 'failed', 'cancelled', 'expired')),
  step text not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  -- What only one unfinished operation of this owner may be about, e.g. top-ups from one card.
  intent text,
  data jsonb not null,
  -- Personal data that later steps need, sealed; gone when the operation ends.
  draft bytea,
  result jsonb,
  cause text,
  cause_params jsonb not null default '{}'::jsonb,
  money_moved text not null default 'no' check (money_moved in ('no', 'held', 'yes', 'unknown')),
  currency text,
  amount_minor bigint check (amount_minor > 0),
  policy_version text not null,
  deadline_at timestamptz,
  wake_at timestamptz,
  lease_until timestamptz,
  -- Grows with every claim: who holds an older one can no longer write.
  fence bigint not null default 0,
  -- Claims of the present step. More than one means that an earlier run may have asked outside.
  attempts int not null default 0,
  version int not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz,
  unique (owner_id, id),
  check ((ended_at is not null) = (state in ('succeeded', 'refused', 'failed', 'cancelled', 'expired'))),
  check (ended_at is null or (draft is null and wake_at is null and deadline_at is null)),
  check (ended_at is not null or deadline_at is not null),
  check (state not in ('refused', 'failed', 'expired') or cause is not null),
  check (state <> 'succeeded' or money_moved in ('no', 'yes')),
  check (state not in ('refused', 'cancelled', 'expired') or money_moved = 'no'),
  check ((amount_minor is null) = (currency is null))
) with (fillfactor = 80);

create unique index operation_intent on operation (owner_id, intent) where intent is not null and ended_at is null;
create index operation_due on operation (wake_at) where wake_at is not null;
create index operation_by_owner on operation (owner_id, created_at desc, key);

create table operation_event (
  operation_key uuid not null references operation (key),
  seq int not null check (seq > 0),
  at timestamptz not null,
  event text not null,
  kind text not null,
  from_step text,
  to_step text,
  attempt int,
  cause text,
  -- Who: person, worker, bank, operator.
  actor text not null,
  -- For support and reproduction: our reference, the raw code. No personal data.
  detail jsonb not null default '{}'::jsonb,
  primary key (operation_key, seq),
  foreign key (kind, from_step, to_step) references operation_move (kind, from_step, to_step)
);

-- What has ended stays as it ended.
create function operation_is_final() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    raise exception 'operation % has ended and cannot change', old.key;
  end if;
  return new;
end $$;
create trigger operation_is_final before update on operation for each row execute function operation_is_final();

grant select, insert on operation_move to purser_app;
grant select, insert, update on operation to purser_app;
grant select, insert on operation_event to purser_app;
