-- Accounts that wait for people are counted for /metrics, however many people there are.
create index person_answer_promised on person (account_review_at)
  where account_by = 'operator' and account_state = 'frozen' and account_review_at is not null;
create index review_decision_of_account on review_decision (operation_key) where about = 'account';
-- What two decided about accounts and is not carried out yet is looked for every second.
create index review_confirmation_of_account on review_confirmation (confirmed_at) where about = 'account';
