import { refusal } from '../../causes/refusal.ts';
import { assert } from '../../kernel/assert.ts';
import { dayMs } from '../../kernel/clock.ts';
import { spendAttempt, type AttemptDeps } from './spend-attempt.ts';

/** Requests that an outside party answers and that could be used to find out what belongs to whom. */
const tries: Readonly<Record<string, { limit: number; windowMs: number; lockMs: number }>> = {
  /** Details of cards sent to banks: ten in a day. */
  bind_card: { limit: 10, windowMs: dayMs, lockMs: dayMs },
  /** Names and ID numbers sent to the registers: five in a day. */
  verify_identity: { limit: 5, windowMs: dayMs, lockMs: dayMs },
  /** Names behind phone numbers: thirty in a day. */
  look_up_payee: { limit: 30, windowMs: dayMs, lockMs: dayMs },
};

/**
 * Counts one try before it is made, right or wrong, and gives how many are left after it. Throws `limit.tries` when
 * they are used up, with the moment at which there are new ones.
 */
export async function spendTry(deps: AttemptDeps, request: { scope: string; subject: string }): Promise<number> {
  const rule = tries[request.scope];
  assert(rule, `no rule for tries of ${request.scope}`);
  const spent = await spendAttempt(deps, { scope: `try_${request.scope}`, subject: request.subject, ...rule });
  if (spent.outcome === 'locked') throw refusal('limit.tries', { params: { until: spent.until } });
  return spent.left;
}
