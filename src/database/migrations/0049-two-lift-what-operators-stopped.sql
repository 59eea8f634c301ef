-- What operators stopped is changed by a decision of theirs alone, of this very stop: not by a step in between (another
-- author, closed by its owner), and not by what was decided, and carried out, about an earlier one.

create or replace function account_acts() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  found record;
  becomes text;
begin
  if new.account_decision is not null and new.account_decision is distinct from old.account_decision then
    select d.outcome, d.about, d.round, coalesce(o.owner_id, d.operation_key) as person_id,
        exists (select 1 from review_confirmation c where c.decision_id = d.id) as by_two,
        exists (select 1 from review_booking b where b.decision_id = d.id)
          or exists (select 1 from review_denial n where n.decision_id = d.id) as is_over
      into found from review_decision d left join operation o on o.key = d.operation_key where d.id = new.account_decision;
    becomes := case when found.outcome in ('frozen_security', 'frozen_by_law') then 'frozen'
      when found.outcome = 'closed' then 'closed' when found.outcome in ('lifted', 'reopened') then 'normal' end;
    if found.person_id is distinct from new.id or becomes is distinct from new.account_state
        or new.account_by <> 'operator' or (found.outcome = 'reopened') <> (old.account_state = 'closed') then
      raise exception 'nobody decided that this account is %', new.account_state using errcode = 'check_violation';
    end if;
    if not found.by_two and becomes <> 'frozen' then
      raise exception 'that an account is % takes two', new.account_state using errcode = 'check_violation';
    end if;
    -- The change itself is written down below, so that the round is still that of before.
    if found.is_over or (found.about = 'account' and found.round is distinct from review_round(new.id, 'account')) then
      raise exception 'what was decided is about this account as it was before' using errcode = 'check_violation';
    end if;
  elsif new.account_by = 'operator' then
    raise exception 'what operators do has its decision' using errcode = 'check_violation';
  elsif old.account_by = 'operator' and old.account_state <> 'normal' then
    raise exception 'what operators stopped two of them lift' using errcode = 'check_violation';
  end if;
  insert into account_act (person_id, state, cause, review_at, authority, set_by, decision_id)
  values (new.id, new.account_state, new.account_cause, new.account_review_at, new.account_authority, new.account_by,
    new.account_decision);
  return null;
end $$;
drop trigger account_acts on person;
create trigger account_acts after update on person for each row
  when ((old.account_state, old.account_cause, old.account_review_at, old.account_authority, old.account_decision, old.account_by)
    is distinct from
    (new.account_state, new.account_cause, new.account_review_at, new.account_authority, new.account_decision, new.account_by))
  execute function account_acts();

-- What is stopped in the rows of people and what is stopped in the ledger are compared now and then, however many there are.
create index person_stopped on person (id) where account_state in ('frozen', 'closed');
create index ledger_account_stopped on ledger_account (id) where flags & 12 <> 0;
