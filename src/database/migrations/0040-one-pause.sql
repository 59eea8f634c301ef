-- When the pause began that lasts now. One that is made longer by another reset is the same pause, with one sum.
alter table person add column paused_from timestamptz;
