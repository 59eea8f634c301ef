import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { fields } from '../../../../src/causes/field-names.ts';
import type { Problem, RemedyShape } from '../../../../src/contract/problem.ts';
import type { Card } from '../../../../src/contract/wallet.ts';
import { formatMoney } from '../../../ui/format-money.ts';
import { formatMoment, type UiLanguage } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { planRemedies, type PlannedRemedy, type RemedyPlan, type RemedySetting } from './remedy-plan.ts';
import { RemedySheet, type SheetAsked } from './remedy-sheet.tsx';

/** What this screen can do; a remedy that needs something else is not offered here. */
export type RemedyHandlers = {
  edit?: (field: string) => void;
  useCard?: (card: Card) => void;
  chooseCard?: () => void;
  lower?: (minor: bigint) => void;
  ask?: () => void;
  resend?: () => void;
  restart?: () => void;
  again?: () => void;
  cancel?: () => void;
  choosePayee?: () => void;
  picture?: () => void;
  scan?: () => void;
};

type Run = (open: (sheet: SheetAsked) => void, go: (to: string) => void) => void;

/** The deed behind a plan, or nothing when this screen cannot do it. */
function runOf(plan: RemedyPlan, handlers: RemedyHandlers): Run | undefined {
  const simple = (handler: (() => void) | undefined): Run | undefined => handler && (() => handler());
  switch (plan.does) {
    case 'edit':
      return handlers.edit && (() => handlers.edit?.(plan.field));
    case 'use_card':
      return handlers.useCard && (() => handlers.useCard?.(plan.card));
    case 'choose_card':
      return simple(handlers.chooseCard);
    case 'lower':
      return handlers.lower && (() => handlers.lower?.(plan.minor));
    case 'go':
      return (_, go) => go(plan.to);
    case 'call':
    case 'wait':
    case 'sheet':
      return (open) => open(plan);
    case 'tell_payee':
      return (open) => open({ does: 'tell_payee' });
    case 'ask':
      return simple(handlers.ask);
    case 'resend':
      return simple(handlers.resend);
    case 'restart':
      return simple(handlers.restart);
    case 'again':
      return simple(handlers.again);
    case 'cancel':
      return simple(handlers.cancel);
    case 'choose_payee':
      return simple(handlers.choosePayee);
    case 'scan':
      return simple(handlers.scan);
    case 'picture':
      return simple(handlers.picture);
    case 'reload':
      return () => location.reload();
  }
}

export type Remedies = {
  /** The same problem with the remedies that work here. */
  problem: Problem;
  labelOf: (remedy: RemedyShape) => string | undefined;
  onRemedy: (remedy: RemedyShape) => void;
  /** Draw it once; it shows what a remedy opened. */
  sheet: ReactNode;
  openSupport: () => void;
  openWhy: () => void;
};

/** The name of an input inside a sentence. */
function fieldName(field: string, language: UiLanguage): string {
  const name = Object.hasOwn(fields, field) ? fields[field as keyof typeof fields][language] : field;
  return language === 'en' && /^[A-Z][a-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

const sameRemedy = (a: RemedyShape, b: RemedyShape) => a.action === b.action && a.target === b.target;

/** The remedies of a problem as buttons that work; there is always a way on, asking for help at the least. */
export function useRemedies(setting: RemedySetting, handlers: RemedyHandlers): Remedies {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<SheetAsked | null>(null);
  const { problem } = setting;

  const planned = planRemedies(setting).filter(({ plan }) => runOf(plan, handlers) !== undefined);
  const help: PlannedRemedy = {
    remedy: { action: 'contact_support', target: null, label: t('support.title') },
    plan: { does: 'sheet', sheet: 'support' },
  };
  const offered = planned.length > 0 ? planned : [help];
  const planOf = (remedy: RemedyShape) => offered.find((one) => sameRemedy(one.remedy, remedy))?.plan;

  const labelOf = (remedy: RemedyShape): string | undefined => {
    const plan = planOf(remedy);
    if (plan?.does === 'use_card') return t('remedy.useCard', { card: `${plan.card.bankName} ${plan.card.last4}` });
    if (plan?.does === 'lower')
      return t('remedy.lowerTo', { amount: formatMoney({ minor: plan.minor.toString(), currency: 'CNY' }) });
    if (plan?.does === 'call') return t('remedy.callBank', { bank: plan.bankName, number: plan.number });
    if (plan?.does === 'wait') return t('wait.title', { time: formatMoment(plan.until, language) });
    if (remedy.action === 'change_password') return t('resetPin.title');
    if (plan?.does === 'go' && remedy.action === 'choose_other_card') return t('cards.add');
    if (plan?.does === 'edit' && (remedy.action === 'choose_other_card' || remedy.action === 'add_card'))
      return t('cards.other');
    if (plan?.does === 'edit' && remedy.action === 'edit_field')
      return t('remedy.edit', { field: fieldName(plan.field, language) });
    // Nothing was sent: going on is simply trying again.
    if (plan?.does === 'again') return t('remedy.again');
    return plan?.does === 'restart' && remedy.action === 'resend_code' ? t('operation.startOver') : undefined;
  };
  const onRemedy = (remedy: RemedyShape) => {
    const plan = planOf(remedy);
    if (plan) runOf(plan, handlers)?.(setAsked, (to) => void navigate(to));
  };
  return {
    problem: { ...problem, remedies: offered.map(({ remedy }) => remedy) },
    labelOf,
    onRemedy,
    sheet: <RemedySheet asked={asked} problem={problem} onClose={() => setAsked(null)} />,
    openSupport: () => setAsked({ does: 'sheet', sheet: 'support' }),
    openWhy: () => setAsked({ does: 'why' }),
  };
}
