-- What is over is found by when it ended, without reading all that is not. A session in use is not in its index, and a try that
-- counts changes nothing of the other: both are written as cheaply as before.
create index session_ended on session (ended_at) where ended_at is not null;
create index attempt_counter_by_end on attempt_counter (coalesce(locked_until, window_ends_at));
