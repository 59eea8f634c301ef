import { useTranslation } from 'react-i18next';
import { formatMoney } from '../../ui/format-money.ts';
import { momentOf } from '../../ui/format-time.ts';
import { useLanguage } from '../../ui/language.ts';
import { LimitBar } from '../../ui/limit-bar.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Screen } from '../../ui/screen.tsx';
import { FactsSkeleton } from '../../ui/skeletons.tsx';
import { paths } from '../flows/paths.ts';
import { useLimits } from '../queries.ts';
import { ReadFailure } from '../trouble.tsx';
import { useGoBack } from '../use-go-back.ts';

const named = ['balance_pause', 'balance_day', 'balance_year', 'balance_lifetime', 'top_up_day'] as const;
type Named = (typeof named)[number];
const nameOf = (limit: string): Named | 'other' => named.find((name) => name === limit) ?? 'other';

/** What is left of each limit: the same numbers that decide. */
export function LimitsPage() {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const goBack = useGoBack('/me');
  const { data, error, refetch } = useLimits();
  return (
    <Screen title={t('limits.title')} onBack={goBack}>
      {!data && (error ? <ReadFailure error={error} again={() => void refetch()} /> : <FactsSkeleton rows={3} />)}
      {data && (
        <div className="stack">
          <div className="panel limits kvs">
            {data.limits.map(({ limit, available, allowance, used, resetsAt }) => (
              <LimitBar
                key={limit}
                label={t(`limits.name.${nameOf(limit)}`)}
                available={available}
                allowance={allowance}
                note={
                  limit === 'balance_pause' && resetsAt
                    ? t('limits.pauseEnds', { time: momentOf(resetsAt, language) })
                    : resetsAt
                      ? t('limits.resets', { time: momentOf(resetsAt, language), amount: formatMoney(allowance) })
                      : t('limits.used', { amount: formatMoney(used) })
                }
              />
            ))}
          </div>
          <Notice icon="shield" lead={t('limits.raise')} to={paths.bind}>
            {t('limits.raiseNote')}
          </Notice>
          <p className="note">{t('limits.note', { version: data.policyVersion })}</p>
        </div>
      )}
    </Screen>
  );
}
