import { assert } from '../../kernel/assert.ts';
import type { Clock } from '../../kernel/clock.ts';
import { CNY } from '../../kernel/currencies.ts';
import { money } from '../../kernel/money.ts';
import { balancePaymentLimits, classFor, dayLimit, nextClass } from '../../policy/decide.ts';
import { spanAt } from '../../policy/periods.ts';
import { policyAt } from '../../policy/policy-at.ts';
import type { AccountClass, Period, PolicyPack } from '../../policy/policy-pack.ts';
import { balanceCounters } from './chart.ts';
import type { LimitRule, LimitRules, Pause } from './limit-rules.ts';

/** How much may be topped up in a day, all cards together. Our own choice, after what large wallets allow. */
const TOP_UP_DAY = money(2_000_000n, CNY);

/** What balances count; what is counted with what is held has accounts of its own. */
const counterOf = { balance: balanceCounters.paid, without_pin: balanceCounters.paidWithoutPin, top_up: null } as const;

const rule = (
  name: keyof typeof counterOf,
  pack: PolicyPack,
  period: Period,
  allowance: LimitRule['allowance'],
  now: Date,
): LimitRule => {
  const span = spanAt(period, now, pack.timeZone);
  const counter = counterOf[name];
  return { limit: `${name}_${period}`, period: span.key, allowance, resetsAt: span.endsAt, counter };
};

/** Each pause is a period of its own, known by its beginning. Withdrawals, which hold, count too. */
const pauseRule = (pack: PolicyPack, { from, until }: Pause): LimitRule => ({
  limit: 'balance_pause',
  period: from.toISOString(),
  allowance: pack.afterPinReset.upTo,
  resetsAt: until,
  counter: null,
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
      const inForce = pack();
      const day = dayLimit(inForce, 'two_factors');
      if (day) rules.push(rule('balance', inForce, 'day', day, now));
      const ofClass = balancePaymentLimits(inForce, accountClass as AccountClass);
      if (ofClass) rules.push(rule('balance', inForce, ofClass.period, ofClass.amount, now));
      return rules;
    },
    withoutPin(now) {
      const inForce = pack();
      const day = dayLimit(inForce, 'fewer_factors');
      return day ? [rule('without_pin', inForce, 'day', day, now)] : [];
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
