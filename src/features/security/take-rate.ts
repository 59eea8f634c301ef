import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';

export type RateDeps = { database: Database; clock: Clock; digest: Digest };
export type Rate = { key: string; limit: number; windowMs: number };

/**
 * Lets through `limit` at once and then one every `windowMs / limit` (the generic cell rate algorithm), counted
 * in the database so that it holds across processes and restarts. Refuses with `limit.too_fast` and the moment
 * at which the next one passes. Rates are the one thing whose last milliseconds may be lost with a crash of the
 * database, so this commit does not wait for the disk.
 */
export async function takeRate(deps: RateDeps, rate: Rate): Promise<void> {
  assert(rate.limit > 0 && rate.windowMs > 0, 'a rate lets something through');
  const now = deps.clock.now();
  const stepUs = Math.floor((rate.windowMs * 1000) / rate.limit);
  assert(stepUs > 0, 'a rate counts in microseconds');
  const key = deps.digest('rate', rate.key);
  const step = sql`(${stepUs}::bigint * interval '1 microsecond')`;
  const whole = sql`(${stepUs * rate.limit}::bigint * interval '1 microsecond')`;
  const { rows } = await sql`
    insert into rate_bucket as bucket (key, full_at) values (${key}, ${now}::timestamptz + ${step})
    on conflict (key) do update set full_at = greatest(bucket.full_at, ${now}::timestamptz) + ${step}
    where greatest(bucket.full_at, ${now}::timestamptz) + ${step} <= ${now}::timestamptz + ${whole}
    returning set_config('synchronous_commit', 'off', true)`.execute(deps.database.kysely);
  if (rows.length > 0) return;
  // A whole millisecond, and none too early.
  const found = await sql<{ free_at: Date }>`
    select date_trunc('milliseconds', full_at + ${step} - ${whole} + interval '999 microseconds') as free_at
    from rate_bucket where key = ${key}`.execute(deps.database.kysely);
  const until = found.rows[0]?.free_at ?? now;
  throw refusal('limit.too_fast', { params: { until }, retryAt: until });
}
