import { assert } from '../kernel/assert.ts';
import type { LocalText } from '../kernel/failure.ts';
import type { Money } from '../kernel/money.ts';
import type {
  AccountClass,
  AccountClassRule,
  AccountFunction,
  Allowance,
  CodeTier,
  CodeTierRule,
  DayLimitRule,
  PolicyPack,
  VerificationStrength,
} from './policy-pack.ts';

/** The highest class that so many external channels of verification reach; 0 when none has confirmed anything. */
export function classFor(pack: PolicyPack, channels: number): AccountClass {
  let reached: AccountClass = 0;
  for (const rule of pack.accountClasses) if (channels >= rule.channels && rule.class > reached) reached = rule.class;
  return reached;
}

const ruleOf = (pack: PolicyPack, accountClass: AccountClass): AccountClassRule | undefined =>
  pack.accountClasses.find((rule) => rule.class === accountClass);

/** The next class up and the channels it needs; `undefined` at the top. */
export function nextClass(
  pack: PolicyPack,
  accountClass: AccountClass,
): { readonly class: AccountClass; readonly channels: number } | undefined {
  return pack.accountClasses.filter((rule) => rule.class > accountClass).sort((a, b) => a.class - b.class)[0];
}

/** Whether the balance of an account of this class may do this. */
export const classAllows = (pack: PolicyPack, accountClass: AccountClass, what: AccountFunction): boolean =>
  ruleOf(pack, accountClass)?.functions.includes(what) ?? false;

/** The lowest class whose balance may do this. */
export function classNeededFor(pack: PolicyPack, what: AccountFunction): AccountClass | undefined {
  return pack.accountClasses
    .filter((rule) => rule.functions.includes(what))
    .map((rule) => rule.class)
    .sort((a, b) => a - b)[0];
}

/**
 * What may be paid from the balance, and in which period; `undefined` for class 0, from whose balance nothing may be
 * paid. Source: PBoC announcement 2015 no. 43, article 11.
 */
export const balancePaymentLimits = (pack: PolicyPack, accountClass: AccountClass): Allowance | undefined =>
  ruleOf(pack, accountClass)?.balancePayments;

/** The rule for a day's payments proved so strongly. Source: PBoC announcement 2015 no. 43, article 24. */
export function dayLimitRule(pack: PolicyPack, strength: VerificationStrength): DayLimitRule {
  const rule = pack.dayLimits.find((candidate) => candidate.strength === strength);
  assert(rule, `the pack ${pack.id} has no day limit for ${strength}`);
  return rule;
}

/** The sum of one day's payments proved so strongly; null where it is agreed with the customer. */
export const dayLimit = (pack: PolicyPack, strength: VerificationStrength): Money | null =>
  dayLimitRule(pack, strength).amount;

/** The tier of a payment by code: a printed code is always D, a code on a screen goes by the proof. */
export function codeTierFor(
  pack: PolicyPack,
  code: 'dynamic' | 'static',
  strength: VerificationStrength,
): CodeTierRule {
  const rule = pack.codeTiers.find((tier) => tier.code === code && (tier.strength ?? strength) === strength);
  assert(rule, `the pack ${pack.id} has no tier for a ${code} code and ${strength}`);
  return rule;
}

/** The rule of a tier by its letter. */
export function codeTier(pack: PolicyPack, tier: CodeTier): CodeTierRule {
  const rule = pack.codeTiers.find((candidate) => candidate.tier === tier);
  assert(rule, `the pack ${pack.id} has no tier ${tier}`);
  return rule;
}

const CLASS_NAMES: Readonly<Record<AccountClass, LocalText>> = {
  0: { 'zh-CN': '未核实账户', en: 'an account not yet verified' },
  1: { 'zh-CN': '一类账户', en: 'a class I account' },
  2: { 'zh-CN': '二类账户', en: 'a class II account' },
  3: { 'zh-CN': '三类账户', en: 'a class III account' },
};

/** How words call a class: 二类账户, "a class II account". */
export const classNameOf = (accountClass: AccountClass): LocalText => CLASS_NAMES[accountClass];
