-- People, their cards, merchants and orders; what the features own.

-- Numbers of accounts in the ledger. Those below 100000 belong to the house (see features/books/chart.ts).
create sequence account_number as bigint start 100000;

create table person (
  id uuid primary key,
  phone_sealed bytea not null,
  phone_digest bytea not null unique check (octet_length(phone_digest) = 32),
  phone_masked text not null,
  language text not null check (language in ('zh-CN', 'en')),
  name_sealed bytea,
  name_masked text,
  id_number_sealed bytea,
  -- One wallet for one identity.
  id_number_digest bytea unique check (octet_length(id_number_digest) = 32),
  id_number_masked text,
  verified_at timestamptz,
  account_state text not null default 'normal' check (account_state in ('normal', 'frozen', 'limited', 'closed')),
  -- The cause that a frozen or limited account is told, and until when it is reviewed.
  account_cause text,
  account_review_at timestamptz,
  balance_account bigint not null unique,
  created_at timestamptz not null,
  check ((verified_at is null) = (id_number_digest is null)),
  check ((verified_at is null) = (name_sealed is null)),
  check ((account_state = 'normal') = (account_cause is null))
);

-- What outside confirmed that this person is who they say; the class of the account follows from their number.
create table person_channel (
  person_id uuid not null references person (id),
  channel text not null,
  confirmed_at timestamptz not null,
  primary key (person_id, channel)
);

-- A limit is a balance: the account in the ledger whose credit is what may still be used in the period.
create table allowance (
  person_id uuid not null references person (id),
  limit_name text not null,
  period text not null,
  account_number bigint not null unique,
  granted_minor bigint not null default 0 check (granted_minor >= 0),
  policy_version text not null,
  created_at timestamptz not null,
  primary key (person_id, limit_name, period)
);

create table card (
  id uuid primary key,
  person_id uuid not null references person (id),
  bank_code text not null,
  kind text not null check (kind in ('debit', 'credit')),
  pan_sealed bytea not null,
  pan_digest bytea not null check (octet_length(pan_digest) = 32),
  last4 text not null check (last4 ~ '^[0-9]{4}$'),
  token_sealed bytea not null,
  -- ok, or the cause that the bank last gave for this card.
  state text not null default 'ok',
  bound_at timestamptz not null,
  removed_at timestamptz
);
create unique index card_bound_once on card (person_id, pan_digest) where removed_at is null;
create index card_by_person on card (person_id, bound_at desc) where removed_at is null;
create index card_by_pan on card (pan_digest) where removed_at is null;

create table merchant (
  id uuid primary key,
  name text not null,
  api_key_digest bytea not null unique check (octet_length(api_key_digest) = 32),
  webhook_url text,
  webhook_secret_sealed bytea,
  state text not null default 'open' check (state in ('open', 'closed')),
  balance_account bigint not null unique,
  created_at timestamptz not null
);

create table merchant_order (
  id uuid primary key,
  merchant_id uuid not null references merchant (id),
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  description text not null,
  state text not null default 'open' check (state in ('open', 'paid', 'closed')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  paid_at timestamptz,
  paid_by_operation uuid,
  check ((state = 'paid') = (paid_at is not null and paid_by_operation is not null))
);
create index merchant_order_by_merchant on merchant_order (merchant_id, created_at desc);

-- Events on their way to merchants, written with what they tell.
create table webhook_delivery (
  id uuid primary key,
  merchant_id uuid not null references merchant (id),
  event_type text not null,
  body text not null,
  created_at timestamptz not null,
  attempts int not null default 0,
  next_at timestamptz,
  lease_until timestamptz,
  delivered_at timestamptz,
  dead_at timestamptz,
  last_answer text,
  check ((next_at is null) = (delivered_at is not null or dead_at is not null))
);
create index webhook_due on webhook_delivery (next_at) where next_at is not null;

-- Words of banks that something happened: hints to ask, never booked as they are.
create table bank_notice (
  bank_code text not null,
  event_id text not null,
  reference text not null,
  received_at timestamptz not null,
  handled_at timestamptz,
  primary key (bank_code, event_id)
);
create index bank_notice_open on bank_notice (received_at) where handled_at is null;

create table bank_health (
  bank_code text primary key,
  state text not null check (state in ('up', 'slow', 'down', 'maintenance')),
  until timestamptz,
  checked_at timestamptz not null
);

-- Where a bank's word and our books differ after an operation has ended; a person decides.
create table reconciliation_break (
  operation_key uuid not null references operation (key),
  reference text not null,
  ours text not null,
  theirs text not null,
  found_at timestamptz not null,
  primary key (operation_key, reference, theirs)
);

grant usage on sequence account_number to purser_app;
grant select, insert, update on person, allowance, card, merchant, merchant_order, webhook_delivery, bank_notice, bank_health
  to purser_app;
grant select, insert on person_channel, reconciliation_break to purser_app;
