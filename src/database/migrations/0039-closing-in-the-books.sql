-- Whether the account of a closed wallet is closed in the books as well: not before what a bank is paying out has ended.
alter table person add column closed_in_books boolean not null default false;
create index person_closing on person (id) where account_state = 'closed' and not closed_in_books;
