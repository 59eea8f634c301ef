import { useTranslation } from 'react-i18next';
import { moneyFromParam } from '../../../../src/causes/params.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { instant } from '../../../client/clock.ts';
import { formatMoment } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { LimitBar } from '../../../ui/limit-bar.tsx';
import { useLimits } from './wallet-door.ts';

const NAMES: Readonly<Record<string, string>> = {
  'limit.day': 'day',
  'limit.year': 'year',
  'limit.lifetime': 'lifetime',
};

export const hasLimitBar = ({ code }: Problem): boolean => Object.hasOwn(NAMES, code);

/** The limit that a refusal is about, as figures and a bar; nothing for every other cause. */
export function LimitOfProblem({ problem, kind }: { problem: Problem; kind: string | null }) {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const { limits } = useLimits();
  const period = NAMES[problem.code];
  const available =
    typeof problem.params['available'] === 'string' ? moneyFromParam(problem.params['available']) : undefined;
  const limit = limits?.find((one) => one.limit === `${kind === 'top_up' ? 'top_up' : 'balance'}_${period}`);
  if (!limit || !available || period === undefined) return null;
  return (
    <LimitBar
      label={t('limit.left')}
      available={{ minor: available.minor.toString(), currency: available.currency }}
      allowance={limit.allowance}
      attend
      note={limit.resetsAt ? t('limit.resets', { time: formatMoment(instant(limit.resetsAt), language) }) : undefined}
    />
  );
}
