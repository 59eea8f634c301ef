-- Whom outside an operation waits for, so that one bank that is silent cannot keep all workers; empty for nobody.
alter table operation add column lane text not null default '';
update operation set lane = 'bank:' || (data ->> 'bankCode') where ended_at is null and data ? 'bankCode';
-- When its outcome was last asked for on somebody's wish, so that wishes do not fill its history.
alter table operation add column asked_at timestamptz;
