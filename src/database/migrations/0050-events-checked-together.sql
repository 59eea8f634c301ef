-- An event belongs to an operation and makes a move that its flow declares, as before. Both are looked up once for all rows
-- of a statement: a foreign key asks for each row by itself and locks the operation, which was a fifth of the server's
-- work for a transfer.
alter table operation_event
  drop constraint operation_event_operation_key_fkey,
  drop constraint operation_event_kind_from_step_to_step_fkey;

-- As single values, and by the index even where the server believes the tables to be small: a join was seen to be planned
-- the wrong way round, with work that grew with all operations there are.
create function events_have_their_place() returns trigger language plpgsql set enable_seqscan = off as $$
declare
  lost record;
begin
  select e.operation_key into lost from added e
    where (select o.key from operation o where o.key = e.operation_key) is null limit 1;
  if found then
    raise exception 'an event of %, which is no operation', lost.operation_key
      using errcode = 'foreign_key_violation', table = tg_table_name, schema = tg_table_schema;
  end if;
  select e.kind, e.from_step, e.to_step into lost from added e
    where e.from_step is not null and e.to_step is not null and (
      select m.kind from operation_move m where m.kind = e.kind and m.from_step = e.from_step and m.to_step = e.to_step
    ) is null limit 1;
  if found then
    raise exception 'the flow % declares no move from % to %', lost.kind, lost.from_step, lost.to_step
      using errcode = 'foreign_key_violation', table = tg_table_name, schema = tg_table_schema;
  end if;
  return null;
end $$;
create trigger events_have_their_place after insert on operation_event
  referencing new table as added for each statement execute function events_have_their_place();

-- What its events point to stays where it is.
create or replace function operation_is_final() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    raise exception 'operation % has ended and cannot change', old.key;
  end if;
  if new.key <> old.key then
    raise exception 'operation % keeps its key', old.key;
  end if;
  return new;
end $$;
create function operations_stay() returns trigger language plpgsql as $$
begin
  raise exception 'operations and their moves are kept';
end $$;
create trigger operations_stay before delete or truncate on operation for each statement execute function operations_stay();
create trigger operation_moves_stay before delete or update or truncate on operation_move
  for each statement execute function operations_stay();

-- The key follows from owner and id, so that it is the one that must be unique.
alter table operation drop constraint operation_owner_id_id_key;
