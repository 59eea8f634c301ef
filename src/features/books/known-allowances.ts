import type { Uuid } from '../../kernel/ids.ts';
import type { AccountId } from '../../ledger/ledger.ts';
import { readAllowances, type AllowanceDependencies, type LimitRule } from './allowances.ts';

/** A limit with the account that counts it; how much is left is for the ledger to say. */
export type KnownAllowance = LimitRule & { account: AccountId };

const MOST_KEPT = 200_000;

/**
 * Finds the accounts that count a person's limits, without asking for what was seen before: the account of a limit and
 * a period never changes, and what was granted in it never becomes less.
 */
export function createKnownAllowances(deps: AllowanceDependencies) {
  const seen = new Map<string, { account: AccountId; granted: bigint }>();
  const keyOf = (personId: Uuid, rule: LimitRule) => `${personId} ${rule.limit} ${rule.period}`;

  return async (personId: Uuid, rules: readonly LimitRule[], policyVersion: string): Promise<KnownAllowance[]> => {
    const known = rules.map((rule) => ({ rule, entry: seen.get(keyOf(personId, rule)) }));
    if (known.every(({ rule, entry }) => entry !== undefined && entry.granted >= rule.allowance.minor)) {
      return known.flatMap(({ rule, entry }) => (entry ? [{ ...rule, account: entry.account }] : []));
    }
    const read = await readAllowances(deps, personId, rules, policyVersion);
    for (const allowance of read) {
      seen.set(keyOf(personId, allowance), { account: allowance.account, granted: allowance.allowance.minor });
      const oldest = seen.size > MOST_KEPT ? seen.keys().next().value : undefined;
      if (oldest !== undefined) seen.delete(oldest);
    }
    return read;
  };
}
