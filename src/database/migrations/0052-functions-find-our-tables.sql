-- A table is found in pg_temp before all else unless pg_temp is named in the search path. Whoever may make temporary tables
-- could put one of theirs in the place of one of ours: what a trigger then wrote into it, or read from it, was theirs, and a
-- trigger of theirs on it ran as the owner of the schema.
alter function account_acts() set search_path = pg_catalog, public, pg_temp;
alter function events_have_their_place() set search_path = pg_catalog, public, pg_temp;
alter function operation_is_final() set search_path = pg_catalog, public, pg_temp;
alter function operations_stay() set search_path = pg_catalog, public, pg_temp;
alter function review_amount(uuid, text) set search_path = pg_catalog, public, pg_temp;
alter function review_is_proof_used(uuid) set search_path = pg_catalog, public, pg_temp;
alter function review_of_now() set search_path = pg_catalog, public, pg_temp;
alter function review_round(uuid, text) set search_path = pg_catalog, public, pg_temp;
alter function review_takes_two() set search_path = pg_catalog, public, pg_temp;

-- Nothing of ours makes temporary tables. A database that belongs to somebody else is theirs to decide about.
do $$
begin
  execute format('revoke temporary on database %I from public, purser_app', current_database());
exception
  when insufficient_privilege then null;
end
$$;
