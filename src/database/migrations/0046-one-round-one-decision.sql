-- A finding is about what was there when it was written down: it lapses with its round, with another amount, and with the
-- right of the one who wrote it. A return is proven by one reference, once. A closed wallet is opened again by two people.

alter table review_decision drop constraint review_decision_outcome_check;
alter table review_decision add constraint review_decision_outcome_check check (
  outcome in ('debited', 'not_debited', 'credited', 'not_credited', 'returned', 'paid_out', 'given_back', 'reopened'));
-- Null in what was found before; who has to confirm it finds it anew.
alter table review_decision add column round int;
alter table review_decision add column amount_minor bigint;

-- How often this case was decided and ended: denied, or for money that is left also paid.
create function review_round(of_key uuid, of_about text) returns int language sql stable as $$
  select count(*)::int from review_confirmation c
  where c.operation_key = of_key and c.about = of_about and (
    exists (select 1 from review_denial n where n.decision_id = c.decision_id)
    or (of_about = 'left' and exists (select 1 from review_booking b where b.decision_id = c.decision_id)))
$$;

create function review_amount(of_key uuid, of_about text) returns bigint language sql stable as $$
  select coalesce(
    (select p.left_minor from person p where p.id = of_key and of_about = 'left'),
    (select o.amount_minor from operation o where o.key = of_key))
$$;

-- Whether the reference by which a bank gave money back has proven another case already.
create function review_is_proof_used(of_decision uuid) returns boolean language sql stable as $$
  select exists (
    select 1 from review_decision d join operation o on o.key = d.operation_key
      join review_decision other on lower(other.bank_reference) = lower(d.bank_reference) and other.id <> d.id
      join operation its on its.key = other.operation_key and its.data ->> 'bankCode' = o.data ->> 'bankCode'
      join review_confirmation c on c.decision_id = other.id
    where d.id = of_decision and not exists (select 1 from review_denial n where n.decision_id = other.id))
$$;

create function review_of_now() returns trigger language plpgsql as $$
begin
  new.round := review_round(new.operation_key, new.about);
  new.amount_minor := review_amount(new.operation_key, new.about);
  return new;
end $$;
create trigger review_of_now before insert on review_decision for each row execute function review_of_now();

create or replace function review_takes_two() returns trigger language plpgsql as $$
declare
  found_by text;
  found_round int;
  found_amount bigint;
  reference text;
begin
  select d.operator, d.round, d.amount_minor, d.bank_reference
    into found_by, found_round, found_amount, reference
    from review_decision d where d.id = new.decision_id;
  if new.operator = found_by then
    raise exception 'a decision is confirmed by somebody else than % who made it', new.operator using errcode = 'check_violation';
  end if;
  -- Held, so that neither is removed in the same moment.
  perform 1 from operator where name in (new.operator, found_by) order by name for share;
  if exists (select 1 from operator where name in (new.operator, found_by) and removed_at is not null) then
    raise exception 'one of % and % decides nothing any more', new.operator, found_by using errcode = 'check_violation';
  end if;
  if new.round is distinct from found_round then
    raise exception 'what % found belongs to what was decided before', found_by using errcode = 'check_violation';
  end if;
  if found_amount is distinct from review_amount(new.operation_key, new.about) then
    raise exception 'what % found is about another amount', found_by using errcode = 'check_violation';
  end if;
  if reference is not null then
    perform pg_advisory_xact_lock(hashtextextended('review reference ' || lower(reference), 0));
    if review_is_proof_used(new.decision_id) then
      raise exception 'another return was proven by %', reference using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create index review_decision_by_reference on review_decision (lower(bank_reference)) where bank_reference is not null;
grant execute on function review_round, review_amount, review_is_proof_used to purser_app;
