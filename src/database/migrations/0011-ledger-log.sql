-- The Merkle log over transfers in the order of seq (RFC 6962). Only the roots of full groups of 256, 65,536 and so on
-- are kept; everything below them follows from the transfers.
create table ledger_log_node (
  level smallint not null check (level in (8, 16, 24, 32, 40)),
  index bigint not null check (index >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, index)
);

-- A signed statement of how the first `size` transfers hash. Never changed: who holds an old one can ask whether the
-- log still begins with it.
create table ledger_signed_head (
  size bigint primary key check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  signed_at timestamptz not null,
  key_id text not null,
  signature bytea not null check (octet_length(signature) = 64)
);

grant select, insert on ledger_log_node, ledger_signed_head to purser_app;
