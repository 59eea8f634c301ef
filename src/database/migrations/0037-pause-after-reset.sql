-- After the payment PIN was reset without the former one, only small sums may leave the balance until then.
alter table person add column paused_until timestamptz;
