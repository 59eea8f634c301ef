import type { Money } from '../../kernel/money.ts';
import type { Counter } from '../../ledger/ledger.ts';

/** A limit of a person in a period, e.g. `balance_day` in `2026-11-22`. */
export type LimitRule = {
  limit: string;
  period: string;
  /** How much may be used in the whole period. */
  allowance: Money;
  /** When a new period begins; null for a limit of a lifetime. */
  resetsAt: Date | null;
  /** Which counter of the balance counts it; null where holds count too, and an account of its own does. */
  counter: Counter | null;
};

/** A time in which only small sums leave a balance. */
export type Pause = { from: Date; until: Date };

/** The limits that hold now, by the policy pack of the day. Bound in the wiring, so that flows know no country. */
export type LimitRules = {
  version: () => string;
  /** On payments and transfers from the balance, the narrowest period first. */
  balance: (accountClass: number, now: Date, pause: Pause | null) => LimitRule[];
  /** On all that leaves the balance, also to one's own card; none where there is no pause now. Among those of `balance`. */
  pause: (now: Date, pause: Pause | null) => LimitRule[];
  /** On what leaves the balance without the payment PIN, beside those of `balance`. */
  withoutPin: (now: Date) => LimitRule[];
  /** The most that one movement without the payment PIN may carry. */
  singleWithoutPin: Money;
  /** On money coming in from cards. */
  topUp: (now: Date) => LimitRule[];
  /** The most that one movement may carry. */
  singleTopUp: Money;
  singleWithdrawal: Money;
  /** The most that a merchant pays to a wallet at once. */
  singlePayout: Money;
  classOf: (channels: number) => number;
  /** How many channels the next class asks for; undefined at the highest. */
  channelsForNext: (accountClass: number) => number | undefined;
};
