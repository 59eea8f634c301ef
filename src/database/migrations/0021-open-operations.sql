-- What is under way of one person is read with every look at the balance, however long their history is.
create index operation_open on operation (owner_id) where ended_at is null;
