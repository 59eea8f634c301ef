-- What a bank denies is not claimed by operators, and money that is left in a closed wallet has a way out.

alter table review_decision drop constraint review_decision_operation_key_fkey;
comment on column review_decision.operation_key is
  'The operation; where money is left in a closed wallet its person, or the operation whose correction was set aside.';
alter table review_decision drop constraint review_decision_about_check;
alter table review_decision add constraint review_decision_about_check
  check (about in ('reconciling', 'unreturned', 'break', 'left'));
alter table review_decision drop constraint review_decision_outcome_check;
alter table review_decision add constraint review_decision_outcome_check
  check (outcome in ('debited', 'not_debited', 'credited', 'not_credited', 'returned', 'paid_out', 'given_back'));
-- The bank's reference of what gave the money back, where it was not our own request.
alter table review_decision add column bank_reference text check (char_length(bank_reference) between 1 and 100);
-- Where what is left goes.
alter table review_decision add column card_id uuid references card (id);
alter table review_decision add constraint review_decision_card_check check ((outcome = 'paid_out') = (card_id is not null));

-- A decision that was denied, or money that was paid out, leaves room for the next one of the same case.
alter table review_confirmation add column round int not null default 0 check (round >= 0);
alter table review_confirmation drop constraint review_confirmation_operation_key_about_key;
alter table review_confirmation add constraint review_confirmation_round_key unique (operation_key, about, round);

-- Decided, and not so: the bank says otherwise, or did not take the payment.
create table review_denial (
  decision_id uuid primary key references review_confirmation (decision_id),
  because text not null,
  denied_at timestamptz not null
);
grant select, insert on review_denial to purser_app;

-- Whether a correction stands in suspense, since its wallet was closed.
alter table review_booking add column set_aside boolean not null default false;

-- What a wallet held when it was closed in the books.
alter table person add column left_minor bigint not null default 0 check (left_minor >= 0);
create index person_left on person (id) where left_minor > 0;
update person set closed_in_books = false where account_state = 'closed';
