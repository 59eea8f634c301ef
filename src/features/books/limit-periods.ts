import { sql } from 'kysely';
import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Database } from '../../database/database.ts';
import type { Count, Counter, Ledger } from '../../ledger/ledger.ts';
import { accountId } from './chart.ts';
import type { LimitRule } from './limit-rules.ts';

export type AllowanceDependencies = { database: Database; ledger: Ledger; clock: Clock };

/** Whose limits they are. */
export type Holder = { id: Uuid; balanceAccount: bigint };

export type CountingRule = LimitRule & { counter: Counter };

/**
 * How far the counters of a balance may go for these limits, in their order: so much beyond what they said when each
 * period began. Nothing is paid in a period before that is written down, so that whoever writes it reads what the
 * counter said before; of two who do it at once the first is right, and the second reads it. A movement of the period
 * before that is decided later counts in both, which is only stricter.
 */
export async function beginPeriods(
  deps: AllowanceDependencies,
  holder: Holder,
  rules: readonly CountingRule[],
  policyVersion: string,
): Promise<Count[]> {
  const db = deps.database.kysely;
  const names = rules.map(({ limit }) => limit);
  const periods = rules.map(({ period }) => period);
  const find = async (): Promise<(bigint | undefined)[]> => {
    const { rows } = await sql<{ place: bigint; counted_before: bigint }>`
      select asked.place, p.counted_before
      from unnest(${names}::text[], ${periods}::text[]) with ordinality as asked(limit_name, period, place)
      join limit_period p on p.person_id = ${holder.id} and p.limit_name = asked.limit_name and p.period = asked.period`.execute(
      db,
    );
    return rules.map((_, index) => rows.find(({ place }) => place === BigInt(index + 1))?.counted_before);
  };
  if (rules.length === 0) return [];
  let found = await find();
  if (found.includes(undefined)) {
    const account = await deps.ledger.account(accountId(holder.balanceAccount));
    assert(account, 'a person has a balance');
    await sql`
      insert into limit_period (person_id, limit_name, period, counted_before, policy_version, begun_at)
      select ${holder.id}, asked.limit_name, asked.period, asked.counted, ${policyVersion}, ${deps.clock.now()}
      from unnest(${names}::text[], ${periods}::text[], ${rules.map(({ counter }) => account.counted[counter])}::bigint[])
        as asked(limit_name, period, counted)
      on conflict do nothing`.execute(db);
    found = await find();
  }
  return rules.map(({ counter, allowance }, index) => {
    const before = found[index];
    assert(before !== undefined, 'the period has begun');
    return { counter, upTo: before + allowance.minor };
  });
}
