-- Sessions, counted attempts, one-time codes, payment PINs and rates.
-- Nothing here holds a phone number, a code, a PIN or a token in a form that can be read back.

create table session (
  id uuid primary key,
  -- Whose visit it began as; open_wallet operations belong to it, before and after signing in.
  visitor_id uuid not null,
  -- Null while it is a visit of nobody yet.
  person_id uuid,
  -- The open_wallet operation that it came from: signing in again with it ends the former session.
  operation_id uuid,
  token_digest bytea not null unique check (octet_length(token_digest) = 32),
  kind text not null check (kind in ('cookie', 'bearer')),
  device text not null default '' check (char_length(device) <= 80),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  idle_until timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (end_reason in ('signed_out', 'signed_out_elsewhere', 'replaced', 'secret_changed', 'visit_over')),
  check ((person_id is null) = (operation_id is null)),
  check ((ended_at is null) = (end_reason is null)),
  check (idle_until <= expires_at)
);
create unique index session_one_live_per_operation on session (operation_id) where ended_at is null;
create index session_of_person on session (person_id, created_at) where ended_at is null;
create index session_of_visitor on session (visitor_id) where ended_at is null and person_id is null;
create index session_by_end on session (expires_at);

create table attempt_counter (
  scope text not null,
  -- HMAC of the scope and of whom it counts for.
  subject bytea not null check (octet_length(subject) = 32),
  window_ends_at timestamptz not null,
  spent integer not null check (spent > 0),
  locked_until timestamptz,
  primary key (scope, subject)
);

create table one_time_code (
  id uuid primary key,
  operation_key uuid not null,
  purpose text not null,
  phone_digest bytea not null check (octet_length(phone_digest) = 32),
  code_digest bytea not null check (octet_length(code_digest) = 32),
  -- The n-th message for this operation and purpose; the message's id follows from it.
  send_number integer not null check (send_number > 0),
  delivery text not null check (delivery in ('sending', 'accepted', 'undeliverable', 'unavailable')),
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  unique (operation_key, purpose, send_number),
  check (expires_at > sent_at)
);
create index one_time_code_by_phone on one_time_code (phone_digest, sent_at);
create index one_time_code_by_sending on one_time_code (sent_at);

create table payment_pin (
  person_id uuid primary key,
  -- argon2id over an HMAC of person and PIN: six digits alone would be guessed from a copy of the table in hours.
  pin_hash text not null check (pin_hash like '$argon2id$%'),
  set_at timestamptz not null,
  changed_at timestamptz not null
);

-- One instant per key: when the allowance will be whole again. It says all that a rate needs to know.
create table rate_bucket (
  key bytea primary key check (octet_length(key) = 32),
  full_at timestamptz not null
) with (fillfactor = 70);
create index rate_bucket_by_time on rate_bucket (full_at);

grant select, insert, update, delete on session, attempt_counter, one_time_code, rate_bucket to purser_app;
grant select, insert, update on payment_pin to purser_app;
