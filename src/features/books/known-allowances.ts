import type { Uuid } from '../../kernel/ids.ts';
import { allowancesToUse, type KnownAllowance } from './allowances.ts';
import type { AllowanceDependencies, Holder } from './limit-periods.ts';
import type { LimitRule } from './limit-rules.ts';

const MOST_KEPT = 100_000;

/** From where a counter counts for a limit in a period. */
type Start = Pick<LimitRule, 'limit' | 'period'> & { before: bigint };

/**
 * Finds what counts a person's limits, without asking for what was seen before: from where a counter counts for a limit
 * and a period never changes.
 */
export function createKnownAllowances(deps: AllowanceDependencies) {
  const seen = new Map<Uuid, readonly Start[]>();

  const recall = (holder: Holder, rules: readonly LimitRule[]): KnownAllowance[] | undefined => {
    const starts = seen.get(holder.id) ?? [];
    const known: KnownAllowance[] = [];
    for (const rule of rules) {
      const start = starts.find(({ limit, period }) => limit === rule.limit && period === rule.period);
      if (start === undefined || rule.counter === null) return undefined;
      known.push({ ...rule, by: { counter: rule.counter, upTo: start.before + rule.allowance.minor } });
    }
    return known;
  };

  return async (holder: Holder, rules: readonly LimitRule[], policyVersion: string): Promise<KnownAllowance[]> => {
    const known = recall(holder, rules);
    if (known !== undefined) return known;
    const read = await allowancesToUse(deps, holder, rules, policyVersion);
    const starts = read.flatMap(({ limit, period, allowance, by }) =>
      'account' in by ? [] : [{ limit, period, before: by.upTo - allowance.minor }],
    );
    const isAmong = ({ limit }: Start) => starts.some((each) => each.limit === limit);
    seen.set(holder.id, [...(seen.get(holder.id) ?? []).filter((start) => !isAmong(start)), ...starts]);
    const oldest = seen.size > MOST_KEPT ? seen.keys().next().value : undefined;
    if (oldest !== undefined) seen.delete(oldest);
    return read;
  };
}
