import { refusal } from '../../causes/refusal.ts';
import { assert } from '../../kernel/assert.ts';
import { dayMs } from '../../kernel/clock.ts';
import { peekEach, spendAttempt, type AttemptDeps, type AttemptRule } from './spend-attempt.ts';

/** Requests that an outside party answers and that could be used to find out what belongs to whom. */
const tries: Readonly<Record<string, { limit: number; windowMs: number; lockMs: number }>> = {
  /** Details of cards sent to banks: ten in a day. */
  bind_card: { limit: 10, windowMs: dayMs, lockMs: dayMs },
  /** Names and ID numbers sent to the registers: five in a day. */
  verify_identity: { limit: 5, windowMs: dayMs, lockMs: dayMs },
  /** Names and ID numbers held against what is registered, to reset a PIN or to lift a freeze: five in a day. */
  prove_identity: { limit: 5, windowMs: dayMs, lockMs: dayMs },
  /** Names behind phone numbers: thirty in a day. */
  look_up_payee: { limit: 30, windowMs: dayMs, lockMs: dayMs },
  /** Numbers about which a merchant was told something without paying them: five hundred in a day. */
  unpaid_payee: { limit: 500, windowMs: dayMs, lockMs: dayMs },
};

/**
 * Counts one try before it is made, right or wrong, and gives how many are left after it. Asked `about` the same thing
 * again, it counts once. Throws `limit.tries` when they are used up, with the moment at which there are new ones.
 */
export async function spendTry(
  deps: AttemptDeps,
  { scope, subject, about }: { scope: string; subject: string; about?: string },
): Promise<number> {
  const rule = tries[scope];
  assert(rule, `no rule for tries of ${scope}`);
  const counted = { scope: `try_${scope}`, subject, ...rule };
  if (about === undefined) return spend(deps, counted);
  const asked = { scope: `asked_${scope}`, subject: `${subject} ${about}`, ...rule, limit: MANY };
  const [known, rest] = await peekEach(deps, [asked, counted]);
  assert(known && rest, 'one state for each rule');
  if (known.left < MANY) return rest.left;
  const left = await spend(deps, counted);
  // Only what was counted is known, so that nothing new is learnt once the tries are used up.
  await spendAttempt(deps, asked);
  return left;
}

const MANY = 1_000_000_000;

async function spend(deps: AttemptDeps, rule: AttemptRule): Promise<number> {
  const spent = await spendAttempt(deps, rule);
  if (spent.outcome === 'locked') throw refusal('limit.tries', { params: { until: spent.until } });
  return spent.left;
}
