-- The public keys that heads were signed with (SPKI), so that an old head can be checked after the key has changed.
create table ledger_signing_key (
  key_id text primary key,
  public_key bytea not null check (octet_length(public_key) = 44),
  first_used_at timestamptz not null
);
grant select, insert on ledger_signing_key to purser_app;

-- Brings the summaries of rows in the order of seq up to date, which only their owner may. Left to itself the server does
-- so when it finds time, and until then every look-up by seq reads all that was written since. Whoever cleans the table at
-- that moment goes first.
create function ledger_summarize_order() returns integer
  language sql security definer
  set search_path = pg_catalog, public
  set lock_timeout = '200ms'
  as $$ select brin_summarize_new_values('ledger_transfer_order'::regclass) $$;
revoke execute on function ledger_summarize_order() from public;
grant execute on function ledger_summarize_order() to purser_app;
