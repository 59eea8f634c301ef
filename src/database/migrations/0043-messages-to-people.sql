-- What a person is told by text message besides codes: written with what it tells of, sent until the operator has it.
create table person_message (
  -- Also the id by which the operator knows it: however often it is handed over, it is one message.
  id uuid primary key,
  person_id uuid not null references person (id),
  template text not null check (template in ('pin_was_reset')),
  created_at timestamptz not null,
  attempts int not null default 0,
  next_at timestamptz,
  -- accepted, undeliverable, or given up.
  outcome text,
  check ((next_at is null) = (outcome is not null))
);
create index person_message_due on person_message (next_at) where next_at is not null;
grant select, insert, update on person_message to purser_app;
