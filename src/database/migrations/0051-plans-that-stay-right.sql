-- A plan that is made while few operations are open must not go through all of them later. For one operation by its key,
-- `ended_at is null` alone let the server take the list of all open ones; it can only be used for an owner now.
drop index operation_open;
create index operation_open on operation (owner_id) where ended_at is null and owner_id is not null;
-- What waits for people is looked for every second; there is hardly any.
create index operation_in_review on operation (key) where state = 'in_review' and ended_at is null;
