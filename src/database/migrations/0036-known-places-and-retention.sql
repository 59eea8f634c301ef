-- From where the right code of a phone was entered before: whoever tries codes from elsewhere does not use up the
-- tries, nor the messages, of its owner.
create table code_place (
  phone_digest bytea not null check (octet_length(phone_digest) = 32),
  -- HMAC of the address, or of the /64 that one customer of a network has.
  place_digest bytea not null check (octet_length(place_digest) = 32),
  last_right_at timestamptz not null,
  primary key (phone_digest, place_digest)
);
create index code_place_by_time on code_place (last_right_at);
grant select, insert, update, delete on code_place to purser_app;

-- Whether it was sent for a place where its phone is known; messages to the others are counted by themselves.
alter table one_time_code add column place_known boolean not null default false;

-- How long what is no longer needed is kept, dated: the newest rule that holds is the one in force. What is not named
-- here is never removed: the ledger, operations and their events, decisions of operators, people.
create table retention_rule (
  subject text not null,
  valid_from date not null,
  keep_days int not null check (keep_days > 0),
  because text not null,
  primary key (subject, valid_from)
);
insert into retention_rule (subject, valid_from, keep_days, because) values
  ('bank_notice', '2026-11-01', 90, 'a bank may send a notice again for some weeks; what it led to stands in the operation'),
  ('webhook_delivery', '2026-11-01', 90, 'a merchant asks about a delivery within a quarter; the order itself stays'),
  ('one_time_code', '2026-11-01', 2, 'messages are counted by the day'),
  ('code_place', '2026-11-01', 90, 'a place that was not used for a quarter is a new one');
grant select on retention_rule to purser_app;

grant delete on bank_notice, webhook_delivery to purser_app;
create index bank_notice_handled on bank_notice (handled_at) where handled_at is not null;
create index webhook_ended on webhook_delivery (coalesce(delivered_at, dead_at)) where next_at is null;
