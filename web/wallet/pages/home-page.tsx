import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { OperationShape } from '../../../src/contract/operations.ts';
import type { TransactionItem } from '../../../src/contract/wallet.ts';
import { Icon } from '../../ui/icon.tsx';
import { RowsSkeleton } from '../../ui/skeletons.tsx';
import { paths } from '../flows/paths.ts';
import { Page } from '../page.tsx';
import { useBalance, useOpenOperations, useTransactions } from '../queries.ts';
import { PullLine, RefreshButton } from '../refreshing.tsx';
import { ReadFailure } from '../trouble.tsx';
import { useHiddenAmounts } from '../use-hidden-amounts.ts';
import { useRefresh } from '../use-refresh.ts';
import { DayName } from './day-name.tsx';
import { EmptyFeed } from './empty-feed.tsx';
import { groupByDay } from './group-by-day.ts';
import { BalanceBlock, QuickActions } from './home-balance.tsx';
import { HomeNotices } from './home-notices.tsx';
import { MovementRow, OpenOperationRow } from './movement-row.tsx';

/** The balance and the next thing to do, at once; below, what happened and what is still open. */
export function HomePage() {
  const { t } = useTranslation('wallet');
  const [hidden, toggle] = useHiddenAmounts();
  const open = useOpenOperations();
  const refreshing = useRefresh();
  const moving = open.data?.some(({ state }) => state === 'asking' || state === 'working') === true;
  return (
    <Page
      title={t('nav.home')}
      wide
      head={
        <>
          <h1 className="hidden">{t('nav.home')}</h1>
          <span className="logo">
            <Icon name="mark" />
            {t('app')}
          </span>
        </>
      }
      above={<PullLine {...refreshing} />}
      end={
        <span className="taps">
          <RefreshButton {...refreshing} />
          <Link to={paths.status} className="tap tap-end" aria-label={t('status.title')}>
            <Icon name="gauge" />
          </Link>
        </span>
      }
    >
      <div className="home-cols">
        <div>
          <BalanceBlock hidden={hidden} onToggle={toggle} moving={moving} />
          <QuickActions />
          <HomeNotices />
        </div>
        <Feed open={open.data ?? []} hidden={hidden} />
      </div>
    </Page>
  );
}

type Entry = { at: string; item: TransactionItem } | { at: string; operation: OperationShape };

const SHOWN = 12;

/** What is open stands where it was begun, between what is done. */
function entriesOf(open: readonly OperationShape[], items: readonly TransactionItem[]): Entry[] {
  const entries: Entry[] = [
    ...open.map((operation) => ({ at: operation.createdAt, operation })),
    ...items.slice(0, SHOWN).map((item) => ({ at: item.at, item })),
  ];
  return entries.sort((a, b) => (a.at < b.at ? 1 : -1));
}

function Feed({ open, hidden }: { open: readonly OperationShape[]; hidden: boolean }) {
  const { t } = useTranslation('wallet');
  const found = useTransactions();
  const balance = useBalance();
  const items = found.data?.pages[0]?.transactions;
  if (!items) {
    // What keeps the balance away keeps this away too, and is told there; trying again tries both.
    if (found.error && balance.error && !balance.data) return null;
    return (
      <section className="feed">
        {found.error ? (
          <ReadFailure error={found.error} again={() => void found.refetch()} />
        ) : (
          <RowsSkeleton rows={4} />
        )}
      </section>
    );
  }
  const entries = entriesOf(open, items);
  if (entries.length === 0) return <EmptyFeed />;
  return (
    <section className="feed">
      {groupByDay(entries, ({ at }) => at).map(({ day, at, items: ofDay }, index) => (
        <div key={day}>
          <h2 className={index === 0 ? 'day' : 'day day-next'}>
            <span>
              <DayName at={at} />
            </span>
            {index === 0 && (
              <Link className="link link-s" to={paths.history}>
                {t('home.all')}
              </Link>
            )}
          </h2>
          <div className="panel rows">
            {ofDay.map((entry) =>
              'item' in entry ? (
                <MovementRow key={entry.item.id} item={entry.item} hidden={hidden} />
              ) : (
                <OpenOperationRow key={entry.operation.id} operation={entry.operation} hidden={hidden} />
              ),
            )}
          </div>
        </div>
      ))}
    </section>
  );
}
