-- Where the process that writes takes calls from the others on the same database, and the secret of its epoch by which
-- both prove to each other that they belong here. Whoever may read this row may move money; so may purser_app anyway.
create table ledger_writer (
  shard int primary key check (shard = 0),
  epoch bigint not null check (epoch > 0),
  host text not null,
  port int not null check (port between 1 and 65535),
  secret bytea not null check (octet_length(secret) = 32)
);
grant select, insert, update on ledger_writer to purser_app;
