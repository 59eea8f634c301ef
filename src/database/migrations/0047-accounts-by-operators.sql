-- Operators freeze, lift, close and open accounts. Every change of an account's state is written down by the database
-- itself, and what operators stopped two of them lift.

alter table review_decision drop constraint review_decision_about_check;
alter table review_decision add constraint review_decision_about_check
  check (about in ('reconciling', 'unreturned', 'break', 'left', 'account'));
comment on column review_decision.operation_key is
  'The operation; where money is left in a closed wallet, and of an account, its person; or the operation whose correction was set aside.';
alter table review_decision drop constraint review_decision_outcome_check;
alter table review_decision add constraint review_decision_outcome_check check (
  outcome in ('debited', 'not_debited', 'credited', 'not_credited', 'returned', 'paid_out', 'given_back', 'reopened',
    'frozen_security', 'frozen_by_law', 'lifted', 'closed'));

alter table person
  add column account_by text not null default 'wallet' check (account_by in ('wallet', 'owner', 'operator')),
  add column account_decision uuid references review_decision (id),
  -- Whom its owner has to ask, where the law had it frozen.
  add column account_authority text check (char_length(account_authority) between 2 and 60);

-- Whether the account's flags in the ledger are what its row says. A program of before closes nothing any more.
alter table person rename column closed_in_books to in_books;
alter table person alter column in_books set default true;
drop index person_closing;
create index person_not_in_books on person (id) where not in_books;
update person set in_books = true where account_state in ('normal', 'limited');
update person set in_books = false where account_state = 'frozen';

create table account_act (
  seq bigint generated always as identity primary key,
  person_id uuid not null references person (id),
  state text not null,
  cause text,
  review_at timestamptz,
  authority text,
  set_by text not null,
  -- Who of the operators, and why.
  decision_id uuid references review_decision (id),
  at timestamptz not null default now()
);
create index account_act_of_person on account_act (person_id, seq);

create function account_acts() returns trigger language plpgsql security definer set search_path = public as $$
declare
  found record;
  becomes text;
begin
  if new.account_decision is not null and new.account_decision is distinct from old.account_decision then
    select d.outcome, coalesce(o.owner_id, d.operation_key) as person_id,
        exists (select 1 from review_confirmation c where c.decision_id = d.id) as by_two
      into found from review_decision d left join operation o on o.key = d.operation_key where d.id = new.account_decision;
    becomes := case when found.outcome in ('frozen_security', 'frozen_by_law') then 'frozen'
      when found.outcome = 'closed' then 'closed' when found.outcome in ('lifted', 'reopened') then 'normal' end;
    if found.person_id <> new.id or becomes is distinct from new.account_state or new.account_by <> 'operator' then
      raise exception 'nobody decided that this account is %', new.account_state using errcode = 'check_violation';
    end if;
    if not found.by_two and becomes <> 'frozen' then
      raise exception 'that an account is % takes two', new.account_state using errcode = 'check_violation';
    end if;
  elsif new.account_by = 'operator' then
    raise exception 'what operators do has its decision' using errcode = 'check_violation';
  elsif old.account_by = 'operator' and old.account_state <> 'normal' and new.account_state in ('normal', 'limited') then
    raise exception 'what operators stopped two of them lift' using errcode = 'check_violation';
  end if;
  insert into account_act (person_id, state, cause, review_at, authority, set_by, decision_id)
  values (new.id, new.account_state, new.account_cause, new.account_review_at, new.account_authority, new.account_by,
    new.account_decision);
  return null;
end $$;
create trigger account_acts after update on person for each row
  when ((old.account_state, old.account_cause, old.account_review_at, old.account_authority, old.account_decision)
    is distinct from
    (new.account_state, new.account_cause, new.account_review_at, new.account_authority, new.account_decision))
  execute function account_acts();
grant select on account_act to purser_app;

-- Of an account: how often its state was changed, or a decision about it could not be carried out. What was found before
-- is found anew.
create or replace function review_round(of_key uuid, of_about text) returns int language sql stable as $$
  select case when of_about = 'account' then (select count(*) from account_act a where a.person_id = of_key) else 0 end::int
    + count(*)::int
  from review_confirmation c
  where c.operation_key = of_key and c.about = of_about and (
    exists (select 1 from review_denial n where n.decision_id = c.decision_id)
    or (of_about = 'left' and exists (select 1 from review_booking b where b.decision_id = c.decision_id)))
$$;

alter table person_message drop constraint person_message_template_check;
alter table person_message add constraint person_message_template_check check (
  template in ('pin_was_reset', 'account_frozen', 'account_frozen_by_law', 'account_lifted', 'account_closed', 'account_reopened'));
