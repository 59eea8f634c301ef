-- Corrections that were set aside before anybody wrote down that they were: found by where their money stands, which is
-- the account of what is to be returned.
update review_booking b set set_aside = true
  from ledger_transfer t
 where t.id = b.transfer_id and t.credit_account_id = 4001 and not b.set_aside;
