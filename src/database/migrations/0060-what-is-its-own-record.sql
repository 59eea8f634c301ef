-- Decision 0011. An operation that ended as it began was carried out with its movement; nothing else is written of it, and
-- its history is told from it.
alter table operation add constraint operation_ended_as_it_began check (
  version > 0 or ended_at is null
  or (state = 'succeeded' and money_moved = 'yes' and ended_at = created_at and result is not null)
);

-- A payout is its movement in the ledger, which has the batch's key as its operation. What else is told of it stands once,
-- in its batch: the merchant's id of it, whom it goes to and the note, in the order of asking.
alter table merchant_payout_batch add column payouts json not null default '[]' check (json_typeof(payouts) = 'array');
alter table merchant_payout_batch alter column payouts drop default;

-- Payouts made before were operations of their own, whose key their movement has: each is a batch of one.
insert into merchant_payout_batch (key, merchant_id, id, fingerprint, created_at, payouts)
  select key, owner_id, id, fingerprint, created_at, json_build_array(json_build_object(
    'id', id, 'payee', coalesce(data ->> 'payeePhoneMasked', ''), 'note', coalesce(data ->> 'note', '')))
  from operation where kind = 'payout';
