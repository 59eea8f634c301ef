import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { TransactionItem } from '../../../src/contract/wallet.ts';
import { instant } from '../../client/clock.ts';
import { Button } from '../../ui/button.tsx';
import { addMoney, formatMoney, type WireMoney } from '../../ui/format-money.ts';
import { formatMonth, monthOf } from '../../ui/format-time.ts';
import { useLanguage } from '../../ui/language.ts';
import { RowsSkeleton } from '../../ui/skeletons.tsx';
import { Page } from '../page.tsx';
import { useOpenOperations, useTransactions } from '../queries.ts';
import { PullLine, RefreshButton } from '../refreshing.tsx';
import { ReadFailure } from '../trouble.tsx';
import { useHiddenAmounts } from '../use-hidden-amounts.ts';
import { useRefresh } from '../use-refresh.ts';
import { DayName } from './day-name.tsx';
import { EmptyFeed } from './empty-feed.tsx';
import { groupByDay } from './group-by-day.ts';
import { MovementRow, OpenOperationRow } from './movement-row.tsx';

/** The whole book of this person, by month and day; what is not finished stands first. */
export function HistoryPage() {
  const { t } = useTranslation('wallet');
  const found = useTransactions();
  const refreshing = useRefresh();
  const items = found.data?.pages.flatMap((page) => page.transactions);
  return (
    <Page
      title={t('history.title')}
      above={<PullLine {...refreshing} />}
      end={
        <span className="taps tap-end">
          <RefreshButton {...refreshing} />
        </span>
      }
    >
      <OpenOnes />
      {!items &&
        (found.error ? (
          <ReadFailure error={found.error} again={() => void found.refetch()} />
        ) : (
          <RowsSkeleton rows={6} />
        ))}
      {items?.length === 0 && <EmptyFeed />}
      {items && <Months items={items} complete={!found.hasNextPage} />}
      {items && items.length > 0 && (
        <More
          more={found.hasNextPage}
          busy={found.isFetchingNextPage}
          onMore={() => void found.fetchNextPage({ cancelRefetch: false })}
        />
      )}
    </Page>
  );
}

function OpenOnes() {
  const { t } = useTranslation('wallet');
  const [hidden] = useHiddenAmounts();
  const { data: open } = useOpenOperations();
  if (!open || open.length === 0) return null;
  return (
    <section className="feed">
      <h2 className="day">{t('home.openOperations')}</h2>
      <div className="panel rows">
        {open.map((operation) => (
          <OpenOperationRow key={operation.id} operation={operation} hidden={hidden} />
        ))}
      </div>
    </section>
  );
}

function Months({ items, complete }: { items: readonly TransactionItem[]; complete: boolean }) {
  const months = new Map<string, TransactionItem[]>();
  for (const item of items) {
    const month = monthOf(instant(item.at));
    months.set(month, [...(months.get(month) ?? []), item]);
  }
  const keys = [...months.keys()];
  return keys.map((month) => (
    <Month key={month} items={months.get(month) ?? []} whole={complete || month !== keys.at(-1)} />
  ));
}

/** `whole`: all of the month is here, so that its sums are true; else they are not told. */
function Month({ items, whole }: { items: readonly TransactionItem[]; whole: boolean }) {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const [hidden] = useHiddenAmounts();
  const first = items[0];
  if (!first) return null;
  return (
    <section>
      <div className="month">
        <h2 className="title">{formatMonth(instant(first.at), language)}</h2>
        {whole && !hidden && (
          <p className="note sums">
            <span className="num">{t('history.out', { amount: sumOf(items, 'out') })}</span>{' '}
            <span className="num">{t('history.in', { amount: sumOf(items, 'in') })}</span>
          </p>
        )}
      </div>
      {groupByDay(items, ({ at }) => at).map(({ day, at, items: ofDay }, index) => (
        <div key={day}>
          <h3 className={index === 0 ? 'day' : 'day day-next'}>
            <DayName at={at} />
          </h3>
          <div className="panel rows">
            {ofDay.map((item) => (
              <MovementRow key={item.id} item={item} hidden={hidden} />
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

function sumOf(items: readonly TransactionItem[], direction: 'in' | 'out'): string {
  const nothing: WireMoney = { minor: '0', currency: items[0]?.amount.currency ?? 'CNY' };
  return formatMoney(
    items.filter((item) => item.direction === direction).reduce((sum, { amount }) => addMoney(sum, amount), nothing),
  );
}

/** Fetches the next page when its end comes into sight; a button for those who do not scroll. */
function More({ more, busy, onMore }: { more: boolean; busy: boolean; onMore: () => void }) {
  const { t } = useTranslation('wallet');
  const end = useRef<HTMLDivElement>(null);
  const fetchNext = useRef(onMore);
  fetchNext.current = onMore;
  useEffect(() => {
    const target = end.current;
    if (!more || !target) return undefined;
    const watcher = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && fetchNext.current(),
      { rootMargin: '400px' },
    );
    watcher.observe(target);
    return () => watcher.disconnect();
  }, [more]);
  return (
    <div ref={end} className="list-end">
      {more ? (
        <Button kind="quiet" onPress={onMore} busy={busy}>
          {t('history.more')}
        </Button>
      ) : (
        <p className="note centre">{t('history.all')}</p>
      )}
    </div>
  );
}
