import { sql } from 'kysely';
import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { assert } from '../../kernel/assert.ts';
import { addMs, type Clock } from '../../kernel/clock.ts';
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
  assert(rate.limit > 0 && rate.windowMs >= rate.limit, 'a rate lets something through');
  const now = deps.clock.now();
  const stepMs = Math.floor(rate.windowMs / rate.limit);
  const key = deps.digest('rate', rate.key);
  const step = sql`make_interval(secs => ${stepMs / 1000}::double precision)`;
  const { rows } = await sql`
    insert into rate_bucket as bucket (key, full_at) values (${key}, ${addMs(now, stepMs)})
    on conflict (key) do update set full_at = greatest(bucket.full_at, ${now}::timestamptz) + ${step}
    where greatest(bucket.full_at, ${now}::timestamptz) + ${step} <= ${addMs(now, stepMs * rate.limit)}::timestamptz
    returning set_config('synchronous_commit', 'off', true)`.execute(deps.database.kysely);
  if (rows.length > 0) return;
  const found = await sql<{ full_at: Date }>`
    select full_at from rate_bucket where key = ${key}`.execute(deps.database.kysely);
  const fullAt = found.rows[0]?.full_at ?? now;
  const until = addMs(fullAt, stepMs * (1 - rate.limit));
  throw refusal('limit.too_fast', { params: { until }, retryAt: until });
}
