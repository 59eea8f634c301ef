-- Every stop of an account is kept by itself: by whom it was set, what ended it. The account is free only when none is left,
-- and its person is told of the strongest. What the row of the person says of it follows from its stops, always.

create table account_stop (
  id uuid primary key,
  person_id uuid not null references person (id),
  state text not null check (state in ('frozen', 'limited', 'closed')),
  cause text not null,
  -- Whom its owner has to ask, where the law had it frozen. Each order is a stop of its own, lifted by its own release.
  authority text check (char_length(authority) between 2 and 60),
  -- By when its owner was promised an answer.
  review_at timestamptz,
  set_by text not null check (set_by in ('wallet', 'owner', 'operator')),
  decision_id uuid references review_decision (id),
  set_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text check (ended_by in ('wallet', 'owner', 'operator')),
  end_decision_id uuid references review_decision (id),
  check ((set_by = 'operator') = (decision_id is not null)),
  check ((ended_at is null) = (ended_by is null)),
  check ((ended_by is not distinct from 'operator') = (end_decision_id is not null))
);
create unique index account_stop_standing on account_stop (person_id, cause, lower(coalesce(authority, '')))
  where ended_at is null;
create index account_stop_of_person on account_stop (person_id, set_at);
-- Accounts that wait for people are counted for /metrics, however many there are.
create index account_stop_promised on account_stop (review_at)
  where ended_at is null and set_by = 'operator' and review_at is not null;
grant select, insert, update (review_at, set_by, decision_id, set_at, ended_at, ended_by, end_decision_id)
  on account_stop to purser_app;

-- The strongest is what its person is told.
create function account_stop_rank(of_state text, of_cause text) returns int language sql immutable
  set search_path = pg_catalog, public, pg_temp as $$
  select case when of_state = 'closed' then 0 when of_cause = 'account.frozen_by_law' then 1
    when of_cause = 'account.frozen_security' then 2 when of_cause = 'account.frozen_by_you' then 4
    when of_state = 'limited' then 5 else 3 end
$$;

-- What the stops of a person come to. Of several orders by law all authorities are named, and no day is promised while one
-- of them has none.
create function account_standing(of_person uuid)
  returns table (state text, cause text, review_at timestamptz, authority text) language sql stable
  set search_path = pg_catalog, public, pg_temp as $$
  with stands as (
    select s.*, account_stop_rank(s.state, s.cause) as rank from account_stop s
    where s.person_id = of_person and s.ended_at is null
  ), first as (
    select s.state, s.cause from stands s order by s.rank, s.set_at, s.id limit 1
  )
  select coalesce((select f.state from first f), 'normal'), (select f.cause from first f),
    (select case when bool_and(s.review_at is not null) then max(s.review_at) end
     from stands s where s.cause = (select f.cause from first f)),
    (select string_agg(s.authority, ', ' order by s.set_at, s.id)
     from stands s where s.cause = (select f.cause from first f))
$$;
grant execute on function account_stop_rank, account_standing to purser_app;

-- What stands now is kept.
insert into account_stop (id, person_id, state, cause, authority, review_at, set_by, decision_id, set_at)
select gen_random_uuid(), p.id, p.account_state, p.account_cause, p.account_authority, p.account_review_at, p.account_by,
  case when p.account_by = 'operator' then p.account_decision end,
  coalesce((select max(a.at) from account_act a where a.person_id = p.id), now())
from person p where p.account_state <> 'normal';
-- So is a freeze for security in whose place one by law has come since: the release of an authority says nothing of it.
insert into account_stop (id, person_id, state, cause, review_at, set_by, decision_id, set_at)
select distinct on (p.id) gen_random_uuid(), p.id, a.state, a.cause, a.review_at, a.set_by,
  case when a.set_by = 'operator' then a.decision_id end, a.at
from person p join account_act a on a.person_id = p.id
where p.account_cause = 'account.frozen_by_law' and a.cause = 'account.frozen_security' and a.state = 'frozen'
  and a.seq > coalesce((select max(b.seq) from account_act b where b.person_id = p.id and b.state <> 'frozen'), 0)
order by p.id, a.seq desc;

-- A decision to lift names the stop that it is about. What was asked before this and still counts was about the one of then.
alter table review_decision add column stop_id uuid references account_stop (id);
update review_decision d set stop_id = (
    select s.id from account_stop s where s.person_id = d.operation_key
    order by account_stop_rank(s.state, s.cause) limit 1)
  where d.about = 'account' and d.outcome = 'lifted' and d.round = review_round(d.operation_key, 'account');
alter table review_decision add constraint review_decision_stop_check check ((outcome = 'lifted') = (stop_id is not null))
  not valid;

-- Of which stop it was, and what was done; null before this was written down.
alter table account_act
  add column stop_id uuid references account_stop (id),
  add column act text check (act in ('set', 'renewed', 'ended'));

drop trigger account_acts on person;
drop function account_acts;
drop index person_answer_promised;
alter table person drop column account_by, drop column account_decision, drop constraint person_account_authority_check;

-- What operators decided is used once, of the account that it is about as it was when they found it so, and for just that.
create function account_stop_decided(stop account_stop, decision uuid, ends boolean) returns void language plpgsql
  set search_path = pg_catalog, public, pg_temp as $$
declare
  found record;
  meant boolean;
begin
  select d.outcome, d.about, d.round, d.stop_id, coalesce(o.owner_id, d.operation_key) as person_id,
      exists (select 1 from review_confirmation c where c.decision_id = d.id) as by_two,
      exists (select 1 from review_booking b where b.decision_id = d.id)
        or exists (select 1 from review_denial n where n.decision_id = d.id)
        or exists (select 1 from account_act a where a.person_id = stop.person_id and a.decision_id = d.id) as is_over
    into found from review_decision d left join operation o on o.key = d.operation_key where d.id = decision;
  meant := case
    when ends and stop.state = 'closed' then found.outcome = 'reopened'
    when ends then found.outcome = 'lifted' and found.stop_id = stop.id
    when stop.state = 'closed' then found.outcome = 'closed' and stop.cause = 'account.closed'
    when stop.state <> 'frozen' then false
    when found.outcome = 'frozen_security' then stop.cause = 'account.frozen_security' and stop.authority is null
    when found.outcome = 'frozen_by_law' then stop.cause = 'account.frozen_by_law' and stop.authority is not null
    else false end;
  if found.person_id is distinct from stop.person_id or meant is not true then
    raise exception 'nobody decided that % of this account', case when ends then 'the end of this stop' else stop.cause end
      using errcode = 'check_violation';
  end if;
  if not found.by_two and (ends or stop.state = 'closed') then
    raise exception 'that an account is % takes two', case when ends then 'freed' else stop.state end
      using errcode = 'check_violation';
  end if;
  -- The change itself is written down afterwards, so that the round is still that of before.
  if found.is_over or (found.about = 'account' and found.round is distinct from review_round(stop.person_id, 'account')) then
    raise exception 'what was decided is about this account as it was before' using errcode = 'check_violation';
  end if;
end $$;
grant execute on function account_stop_decided to purser_app;

-- Who may set a stop, and who may end it. What operators set, what the law had them set, and a closing end by two of them.
create function account_stop_is_right() returns trigger language plpgsql
  set search_path = pg_catalog, public, pg_temp as $$
declare
  ends boolean := new.ended_at is not null;
  author text := case when new.ended_at is null then new.set_by else new.ended_by end;
  others record;
begin
  -- One change of an account at a time.
  perform 1 from person where id = new.person_id for no key update;
  if tg_op = 'INSERT' then
    if ends then
      raise exception 'a stop begins before it ends' using errcode = 'check_violation';
    end if;
    select bool_or(s.state = 'closed') as closed, bool_or(s.cause = 'account.frozen_by_law') as by_law, count(*) as stand
      into others from account_stop s where s.person_id = new.person_id and s.ended_at is null;
    if others.closed then
      raise exception 'what is closed is stopped already' using errcode = 'check_violation';
    end if;
    if new.state = 'closed' and (others.by_law or (author = 'owner' and others.stand > 0)) then
      raise exception 'what is frozen is lifted before it is closed' using errcode = 'check_violation';
    end if;
  elsif old.ended_at is not null then
    raise exception 'a stop that has ended is kept as it was' using errcode = 'check_violation';
  elsif ends and (new.review_at, new.set_by, new.decision_id, new.set_at)
      is distinct from (old.review_at, old.set_by, old.decision_id, old.set_at) then
    raise exception 'a stop ends as it was set' using errcode = 'check_violation';
  elsif author <> 'operator' and (old.set_by <> author or old.cause = 'account.frozen_by_law'
      or (ends and old.state = 'closed' and author = 'owner')) then
    raise exception 'what operators stopped two of them lift' using errcode = 'check_violation';
  end if;
  if author = 'operator' then
    perform account_stop_decided(new, case when ends then new.end_decision_id else new.decision_id end, ends);
  elsif new.cause = 'account.frozen_by_law' and tg_op = 'INSERT' then
    raise exception 'what the law stops operators set' using errcode = 'check_violation';
  elsif author = 'owner' and new.cause not in ('account.frozen_by_you', 'account.closed') then
    raise exception 'its owner does not set this' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger account_stop_is_right before insert or update on account_stop for each row
  execute function account_stop_is_right();

-- The row of the person says what the stops come to, and no more that it is in the books; every change is written down.
create function account_follows_its_stops() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp as $$
declare
  stands record;
  ends boolean := new.ended_at is not null;
begin
  select * into stands from account_standing(new.person_id);
  update person set account_state = stands.state, account_cause = stands.cause, account_review_at = stands.review_at,
      account_authority = stands.authority, in_books = false, left_minor = 0
    where id = new.person_id;
  insert into account_act (person_id, state, cause, review_at, authority, set_by, decision_id, stop_id, act)
  values (new.person_id, stands.state, stands.cause, stands.review_at, stands.authority,
    case when ends then new.ended_by else new.set_by end,
    case when ends then new.end_decision_id else new.decision_id end,
    new.id, case when ends then 'ended' when tg_op = 'INSERT' then 'set' else 'renewed' end);
  return null;
end $$;
create trigger account_follows_its_stops after insert or update on account_stop for each row
  execute function account_follows_its_stops();

-- No statement makes the row of a person say anything else.
create function account_says_its_stops() returns trigger language plpgsql
  set search_path = pg_catalog, public, pg_temp as $$
declare
  stands record;
begin
  select * into stands from account_standing(new.id);
  if (new.account_state, new.account_cause, new.account_review_at, new.account_authority)
      is distinct from (stands.state, stands.cause, stands.review_at, stands.authority) then
    raise exception 'the state of an account is changed by its stops' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger account_begins_free after insert on person for each row when (new.account_state <> 'normal')
  execute function account_says_its_stops();
create trigger account_says_its_stops after update on person for each row
  when ((old.account_state, old.account_cause, old.account_review_at, old.account_authority)
    is distinct from (new.account_state, new.account_cause, new.account_review_at, new.account_authority))
  execute function account_says_its_stops();

alter table person_message drop constraint person_message_template_check;
alter table person_message add constraint person_message_template_check check (
  template in ('pin_was_reset', 'account_frozen', 'account_frozen_by_law', 'account_lifted', 'account_partly_lifted',
    'account_closed', 'account_reopened'));
