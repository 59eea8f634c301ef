import { refusal } from '../../causes/refusal.ts';
import type { Database } from '../../database/database.ts';
import { gatherReads } from '../../database/gather-reads.ts';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Digest } from '../../kernel/envelope.ts';
import type { Failure } from '../../kernel/failure.ts';

export type RateDeps = { database: Database; clock: Clock; digest: Digest };
export type Rate = { key: string; limit: number; windowMs: number };

/**
 * Lets through `limit` at once and then one every `windowMs / limit` (the generic cell rate algorithm), counted
 * in the database so that it holds across processes and restarts. Refuses with `limit.too_fast` and the moment
 * at which the next one passes. Rates are the one thing whose last milliseconds may be lost with a crash of the
 * database, so this commit does not wait for the disk. What many take in the same moment is taken in one statement.
 */
export function createRateTaker(deps: RateDeps): (rate: Rate) => Promise<void> {
  const take = gatherReads<Rate, Failure | undefined>((rates) => takeRates(deps, rates));
  return async (rate) => {
    const refused = await take(rate);
    if (refused) throw refused;
  };
}

/** Several askers of one bucket. Each makes it whole again so much later; at most `wholeUs` from now it may be. */
type Taking = { indexes: readonly number[]; key: string; stepUs: number; wholeUs: number };
type Empty = { taking: Taking; until: Date };

/** For each of them the refusal, or nothing. */
async function takeRates(deps: RateDeps, rates: readonly Rate[]): Promise<(Failure | undefined)[]> {
  const refusals: (Failure | undefined)[] = rates.map(() => undefined);
  const each = rates.map(({ key, limit, windowMs }, index) => {
    assert(limit > 0 && windowMs > 0, 'a rate lets something through');
    const stepUs = Math.floor((windowMs * 1000) / limit);
    assert(stepUs > 0, 'a rate counts in microseconds');
    return { index, key: deps.digest('rate', key).toString('hex'), stepUs, wholeUs: stepUs * limit };
  });
  // All who ask of one bucket take together, at most as much as a full one holds; where that is too much, half of them.
  let left = [...Map.groupBy(each, ({ key, stepUs, wholeUs }) => `${key} ${stepUs} ${wholeUs}`).values()].flatMap(
    takingsOf,
  );
  while (left.length > 0) {
    const hand = [...new Map(left.map((taking) => [taking.key, taking])).values()];
    left = left.filter((taking) => !hand.includes(taking));
    for (const { taking, until } of await takeHand(deps, hand)) {
      const { indexes } = taking;
      if (indexes.length > 1) {
        const half = Math.ceil(indexes.length / 2);
        left.push({ ...taking, indexes: indexes.slice(half) }, { ...taking, indexes: indexes.slice(0, half) });
        continue;
      }
      const alike = left.filter(({ key }) => key === taking.key);
      left = left.filter(({ key }) => key !== taking.key);
      for (const index of [...indexes, ...alike.flatMap((other) => other.indexes)]) {
        refusals[index] = refusal('limit.too_fast', { params: { until }, retryAt: until });
      }
    }
  }
  return refusals;
}

function takingsOf(same: readonly ({ index: number } & Omit<Taking, 'indexes'>)[]): Taking[] {
  const takings: Taking[] = [];
  for (const [place, { index: _first, ...bucket }] of same.entries()) {
    const limit = bucket.wholeUs / bucket.stepUs;
    if (place % limit === 0)
      takings.push({ ...bucket, indexes: same.slice(place, place + limit).map((one) => one.index) });
  }
  return takings;
}

/** Takes from different buckets; gives those that do not have enough, with the moment at which the next one passes. */
async function takeHand(deps: RateDeps, hand: readonly Taking[]): Promise<Empty[]> {
  const empty: Empty[] = [];
  for (const kind of Map.groupBy(hand, ({ stepUs, wholeUs }) => `${stepUs} ${wholeUs}`).values()) {
    empty.push(...(await takeKind(deps, kind)));
  }
  return empty;
}

/** The same for buckets of one kind: one statement. */
async function takeKind({ database, clock }: RateDeps, kind: readonly Taking[]): Promise<Empty[]> {
  const { stepUs, wholeUs } = kind[0] as Taking;
  const now = clock.now();
  // In the order of their keys, so that two statements at once cannot wait for each other.
  const sorted = kind.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const bytes = ({ key }: Taking) => Buffer.from(key, 'hex');
  const { rows } = await database.pool.query<{ key: Buffer }>({
    name: 'take_rates',
    text: `insert into rate_bucket as bucket (key, full_at)
        select key, $3::timestamptz + us * interval '1 microsecond' from unnest($1::bytea[], $2::int8[]) as taken(key, us)
      on conflict (key) do update
        set full_at = greatest(bucket.full_at, $3::timestamptz) + (excluded.full_at - $3::timestamptz)
        where greatest(bucket.full_at, $3::timestamptz) + (excluded.full_at - $3::timestamptz)
          <= $3::timestamptz + $4::int8 * interval '1 microsecond'
      returning key, set_config('synchronous_commit', 'off', true)`,
    values: [sorted.map(bytes), sorted.map(({ indexes }) => indexes.length * stepUs), now, wholeUs],
  });
  if (rows.length === sorted.length) return [];
  const taken = new Set(rows.map(({ key }) => key.toString('hex')));
  const empty = sorted.filter(({ key }) => !taken.has(key));
  // A whole millisecond, and none too early.
  const found = await database.pool.query<{ key: Buffer; free_at: Date }>({
    name: 'free_rates',
    text: `select key, date_trunc('milliseconds', full_at + ($2::int8 - $3::int8) * interval '1 microsecond'
        + interval '999 microseconds') as free_at from rate_bucket where key = any($1::bytea[])`,
    values: [empty.map(bytes), stepUs, wholeUs],
  });
  const freeAt = new Map(found.rows.map(({ key, free_at }) => [key.toString('hex'), free_at]));
  return empty.map((taking) => ({ taking, until: freeAt.get(taking.key) ?? now }));
}
