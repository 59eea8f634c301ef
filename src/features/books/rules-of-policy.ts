import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import { money } from '../../kernel/money.ts';
import { balancePaymentLimits, classFor, dayLimit, nextClass } from '../../policy/decide.ts';
import { spanAt } from '../../policy/periods.ts';
import { policyAt } from '../../policy/policy-at.ts';
import type { AccountClass, Period, PolicyPack } from '../../policy/policy-pack.ts';
import type { LimitRule } from './allowances.ts';
import type { LimitRules, Pause } from './limit-rules.ts';

/** How much may be topped up in a day, all cards together. Our own choice, after what large wallets allow. */
const TOP_UP_DAY = money(2_000_000n, CNY);

const rule = (
  name: string,
  pack: PolicyPack,
  period: Period,
  allowance: LimitRule['allowance'],
  now: Date,
): LimitRule => {
  const span = spanAt(period, now, pack.timeZone);
  return { limit: `${name}_${period}`, period: span.key, allowance, resetsAt: span.endsAt };
};

/** Each pause is a period of its own, known by its beginning. */
const pauseRule = (pack: PolicyPack, { from, until }: Pause): LimitRule => ({
  limit: 'balance_pause',
  period: from.toISOString(),
  allowance: pack.afterPinReset.upTo,
  resetsAt: until,
});

/** The limits of the policy pack in force. A PIN on a device that was proven by its phone's code counts as two factors. */
export function rulesOfPolicy(clock: Clock): LimitRules {
  const pack = () => policyAt(clock.now());
  const single = pack().single;
  const ofPause: LimitRules['pause'] = (now, pause) => (pause && pause.until > now ? [pauseRule(pack(), pause)] : []);
  return {
    version: () => pack().id,
    pause: ofPause,
    balance(accountClass, now, pause) {
      const rules = ofPause(now, pause);
      const day = dayLimit(pack(), 'two_factors');
      if (day) rules.push(rule('balance', pack(), 'day', day, now));
      const ofClass = balancePaymentLimits(pack(), accountClass as AccountClass);
      if (ofClass) rules.push(rule('balance', pack(), ofClass.period, ofClass.amount, now));
      return rules;
    },
    withoutPin(now) {
      const day = dayLimit(pack(), 'fewer_factors');
      return day ? [rule('without_pin', pack(), 'day', day, now)] : [];
    },
    singleWithoutPin: pack().withoutPin.single,
    topUp: (now) => [rule('top_up', pack(), 'day', TOP_UP_DAY, now)],
    singleTopUp: single.top_up.max,
    singleWithdrawal: single.withdraw.max,
    singlePayout: single.transfer.max,
    classOf: (channels) => classFor(pack(), channels),
    channelsForNext: (accountClass) => {
      assert(accountClass >= 0 && accountClass <= 3, 'an account class');
      return nextClass(pack(), accountClass as AccountClass)?.channels;
    },
  };
}
