import { assert } from '../../kernel/assert.ts';
import type { Failure } from '../../kernel/failure.ts';
import type { Money } from '../../kernel/money.ts';
import { refusal } from '../../causes/refusal.ts';
import type { AccountId, Ledger } from '../../ledger/ledger.ts';
import { leftOf, type Allowance, type KnownAllowance } from './allowances.ts';

/** The cause of a limit that is used up, with what is left of it and when it begins anew. */
export function limitFailure(allowance: Pick<Allowance, 'available' | 'resetsAt' | 'limit'>): Failure {
  const { available, resetsAt, limit } = allowance;
  if (limit.endsWith('_day') && resetsAt) {
    return refusal('limit.day', { params: { available, until: resetsAt }, retryAt: resetsAt });
  }
  if (limit.endsWith('_pause') && resetsAt) {
    return refusal('security.change_pause', { params: { available, until: resetsAt }, retryAt: resetsAt });
  }
  return limit.endsWith('_year')
    ? refusal('limit.year', { params: { available } })
    : refusal('limit.lifetime', { params: { available } });
}

/** The limit for which a movement was refused, and what is left of it; `undefined` where it was for something else. */
export async function limitThatRefused(
  ledger: Ledger,
  refused: { index: number; reason: string },
  { allowances, payer, amount }: { allowances: readonly KnownAllowance[]; payer: AccountId; amount: Money },
): Promise<Allowance | undefined> {
  const withAccounts = allowances.flatMap((each) => ('account' in each.by ? [{ ...each, by: each.by }] : []));
  const used = withAccounts[refused.index];
  const isCounted = refused.reason === 'exceeds_counter';
  if (!used && !isCounted) return undefined;
  assert(isCounted || refused.reason === 'exceeds_credits', `a limit refuses only what exceeds it: ${refused.reason}`);
  const account = await ledger.account(used?.by.account ?? payer);
  assert(account, 'what counts a limit is there');
  const asked = used ? [used] : allowances.filter(({ by }) => 'counter' in by);
  const left = asked.map((each) => ({ ...each, ...leftOf(each, account) }));
  // A counter only grows: what was too much is too much now.
  const short = used ? left[0] : left.find(({ available }) => available.minor < amount.minor);
  assert(short, 'one of them was exceeded');
  return short;
}
