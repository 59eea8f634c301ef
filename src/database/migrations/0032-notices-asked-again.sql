-- A notice stays open until its bank could be asked: when that is tried next.
alter table bank_notice add column ask_at timestamptz;
update bank_notice set ask_at = received_at;
alter table bank_notice alter column ask_at set not null;
drop index bank_notice_open;
create index bank_notice_open on bank_notice (ask_at) where handled_at is null;
