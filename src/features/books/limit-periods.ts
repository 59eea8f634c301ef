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

type CountingRule = LimitRule & { counter: Counter };
export const isCounting = (rule: LimitRule): rule is CountingRule => rule.counter !== null;

type Asked = [deps: AllowanceDependencies, holder: Holder, rules: readonly CountingRule[], policyVersion: string];

/**
 * How far the counters of a balance may go for these limits, in their order: so much beyond what they said when each
 * period began. Nothing is paid in a period before that is written down, so that whoever writes it reads what the
 * counter said before; of two who do it at once the first is right, and the second reads it. A movement of the period
 * before that is decided later counts in both, which is only stricter.
 */
export async function beginPeriods(...asked: Asked): Promise<Count[]> {
  const [deps, holder, rules, policyVersion] = asked;
  const found = await findStarts(...asked);
  if (!found.includes(undefined)) return countsFrom(rules, found);
  const counted = await countedNow(...asked);
  await sql`
    insert into limit_period (person_id, limit_name, period, counted_before, policy_version, begun_at)
    select ${holder.id}, asked.limit_name, asked.period, asked.counted, ${policyVersion}, ${deps.clock.now()}
    from unnest(${rules.map(({ limit }) => limit)}::text[], ${rules.map(({ period }) => period)}::text[], ${counted}::bigint[])
      as asked(limit_name, period, counted)
    on conflict do nothing`.execute(deps.database.kysely);
  return countsFrom(rules, await findStarts(...asked));
}

/**
 * The same for whoever only looks, and writes nothing: of a period that has not begun nothing is used. A look by a clock
 * that runs ahead must not begin what others pay in for days.
 */
export async function lookAtPeriods(...asked: Asked): Promise<Count[]> {
  const [, , rules] = asked;
  const found = await findStarts(...asked);
  if (!found.includes(undefined)) return countsFrom(rules, found);
  const counted = await countedNow(...asked);
  return countsFrom(
    rules,
    found.map((start, index) => start ?? counted[index]),
  );
}

async function findStarts(...[deps, holder, rules]: Asked): Promise<(bigint | undefined)[]> {
  if (rules.length === 0) return [];
  const { rows } = await sql<{ place: bigint; counted_before: bigint }>`
    select asked.place, p.counted_before
    from unnest(${rules.map(({ limit }) => limit)}::text[], ${rules.map(({ period }) => period)}::text[])
      with ordinality as asked(limit_name, period, place)
    join limit_period p on p.person_id = ${holder.id} and p.limit_name = asked.limit_name and p.period = asked.period`.execute(
    deps.database.kysely,
  );
  return rules.map((_, index) => rows.find(({ place }) => place === BigInt(index + 1))?.counted_before);
}

async function countedNow(...[deps, holder, rules]: Asked): Promise<bigint[]> {
  const account = await deps.ledger.account(accountId(holder.balanceAccount));
  assert(account, 'a person has a balance');
  return rules.map(({ counter }) => account.counted[counter]);
}

const countsFrom = (rules: readonly CountingRule[], starts: readonly (bigint | undefined)[]): Count[] =>
  rules.map(({ counter, allowance }, index) => {
    const start = starts[index];
    assert(start !== undefined, 'the period has begun');
    return { counter, upTo: start + allowance.minor };
  });
