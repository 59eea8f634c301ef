import { useTranslation } from 'react-i18next';
import { atMs } from '../../client/clock.ts';
import { BankPlate } from '../../ui/bank-plate.tsx';
import { IconButton } from '../../ui/button.tsx';
import { formatClock, momentOf } from '../../ui/format-time.ts';
import { HealthMark, type Health } from '../../ui/health-mark.tsx';
import { useLanguage } from '../../ui/language.ts';
import { ListRow } from '../../ui/list-row.tsx';
import { Screen } from '../../ui/screen.tsx';
import { RowsSkeleton } from '../../ui/skeletons.tsx';
import { paths } from '../flows/paths.ts';
import { useStatus } from '../queries.ts';
import { ReadFailure } from '../trouble.tsx';
import { useGoBack } from '../use-go-back.ts';

const worstFirst: Record<Health, number> = { down: 0, maintenance: 1, slow: 2, up: 3 };

/** How the wallet and each bank do, from real traffic. For everybody, signed in or not. */
export function StatusPage() {
  const { t } = useTranslation('wallet');
  const { t: ui } = useTranslation('ui');
  const language = useLanguage();
  const goBack = useGoBack(paths.home);
  const { data, error, refetch, dataUpdatedAt } = useStatus();
  const troubled = data?.banks.filter(({ state }) => state !== 'up').length ?? 0;
  const banks = data?.banks.toSorted((a, b) => worstFirst[a.state] - worstFirst[b.state]);
  return (
    <Screen
      title={t('status.title')}
      onBack={goBack}
      end={<IconButton name="refresh" label={ui('refresh')} onPress={() => void refetch()} />}
    >
      {!data && (error ? <ReadFailure error={error} again={() => void refetch()} /> : <RowsSkeleton rows={6} />)}
      {data && banks && (
        <>
          <h2 className="headline section-first">
            {data.wallet === 'up' && troubled === 0 ? t('status.allGood') : t(`status.wallet.${data.wallet}`)}
          </h2>
          <p className="soft">{troubled === 0 ? t('status.none') : t('status.count', { count: troubled })}</p>
          <div className="panel rows section">
            {banks.map(({ bankCode, bankName, state, until }) => (
              <ListRow
                key={bankCode}
                leading={<BankPlate bankCode={bankCode} small />}
                title={bankName}
                note={until && state !== 'up' ? t('status.until', { time: momentOf(until, language) }) : undefined}
                {...(state === 'up' ? {} : { tone: 'attend' as const })}
                end={
                  <>
                    <span className={state === 'up' ? 'note' : 'note ink'}>{t(`status.state.${state}`)}</span>
                    <HealthMark state={state} />
                  </>
                }
              />
            ))}
          </div>
          <p className="note num list-end centre">{t('status.checked', { time: formatClock(atMs(dataUpdatedAt)) })}</p>
        </>
      )}
    </Screen>
  );
}
