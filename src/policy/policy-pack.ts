import type { CurrencyCode } from '../kernel/currencies.ts';
import type { Money } from '../kernel/money.ts';

/** How sure we are of a rule: the text itself, a quotation of it, a report about it, a weak page, or a choice of our own. */
export type Confidence = 'text' | 'quotation' | 'report' | 'weak' | 'own_choice';

export type Source = {
  readonly title: string;
  /** The day from which the rule binds, where it is a rule. */
  readonly inForceFrom: string | null;
  readonly confidence: Confidence;
};

/** 0: nobody has been verified yet, so the balance can do nothing. */
export type AccountClass = 0 | 1 | 2 | 3;
export type AccountFunction = 'pay' | 'transfer' | 'buy_wealth_products';
export type Period = 'day' | 'month' | 'year' | 'lifetime';
export type Allowance = { readonly amount: Money; readonly period: Period };

/** How strongly the person proved that a payment is theirs. */
export type VerificationStrength = 'certificate' | 'two_factors' | 'fewer_factors';

export type AccountClassRule = {
  readonly class: Exclude<AccountClass, 0>;
  /** External channels that must have confirmed who the person is, when that was done remotely. */
  readonly channels: number;
  readonly functions: readonly AccountFunction[];
  /** Binds payments from the balance only; payments by card and withdrawals to one's own account do not count. */
  readonly balancePayments: Allowance;
};

export type DayLimitRule = {
  readonly strength: VerificationStrength;
  /** null: as agreed with the customer. */
  readonly amount: Money | null;
  /** The institution bears the whole loss of an unauthorised payment, unconditionally. */
  readonly lossBorneByUs: boolean;
};

export type CodeTier = 'A' | 'B' | 'C' | 'D';
export type CodeTierRule = {
  readonly tier: CodeTier;
  readonly code: 'dynamic' | 'static';
  /** null: whatever the verification. */
  readonly strength: VerificationStrength | null;
  readonly dayLimit: Money | null;
};

/** What a person may ask the wallet to move; the smallest and largest sum of one of them. */
export type MoneyFlow = 'top_up' | 'withdraw' | 'pay' | 'transfer';

/** The rules of one place from one day on, as data. Every decision records the `id` of the pack that it followed. */
export type PolicyPack = {
  readonly id: string;
  readonly place: string;
  readonly currency: CurrencyCode;
  /** In which days, months and years are counted. */
  readonly timeZone: string;
  readonly effectiveFrom: string;
  readonly accountClasses: readonly AccountClassRule[];
  readonly dayLimits: readonly DayLimitRule[];
  readonly codeTiers: readonly CodeTierRule[];
  readonly single: Readonly<Record<MoneyFlow, { readonly min: Money; readonly max: Money }>>;
  /**
   * What may leave the balance without the payment PIN, where its owner has switched that on: at most so much in one
   * movement. The sum of a day is that of `fewer_factors`.
   */
  readonly withoutPin: { readonly single: Money };
  /** For so long after the payment PIN was reset without the former one, this much may leave the balance in all. */
  readonly afterPinReset: { readonly pauseMs: number; readonly upTo: Money };
  readonly cardsPerAccount: number;
  readonly accountsPerCard: number;
  readonly minimumAge: number;
  /** Without a transaction for so long, an account sleeps until its owner is verified again. */
  readonly dormantAfterMonths: number;
  readonly delayedTransfers: {
    /** What a payer may choose; only `at_once` cannot be called back. */
    readonly arrivals: readonly { readonly arrival: 'at_once' | 'two_hours' | 'next_day'; readonly delayMs: number }[];
    /** Anything later than at once must be marked so before the payer confirms. */
    readonly delayIsShown: boolean;
  };
  /** The institution may verify a card payment in the bank's stead up to this sum, to fixed payees. */
  readonly verifiedForBankUpTo: Money;
  readonly feeChangeNoticeDays: number;
  readonly keepTransactionsYears: number;
  /** Where each rule comes from, by the rule's name above. */
  readonly sources: Readonly<Record<string, Source>>;
};
