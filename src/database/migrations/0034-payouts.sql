-- What a merchant's batch of payouts was asked with: the same id with other content is refused. Each payout that was made
-- is an operation of its own (kind payout, owner the merchant), written with its money.
create table merchant_payout_batch (
  key uuid primary key,
  merchant_id uuid not null references merchant (id),
  id uuid not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  created_at timestamptz not null
);
grant select, insert on merchant_payout_batch to purser_app;
