-- Events are taken merchant by merchant, so that one who is silent keeps none of the others waiting.
create index webhook_due_by_merchant on webhook_delivery (merchant_id, next_at) where next_at is not null;
drop index webhook_due;
