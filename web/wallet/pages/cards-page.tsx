import { useTranslation } from 'react-i18next';
import type { Card } from '../../../src/contract/wallet.ts';
import { BankPlate } from '../../ui/bank-plate.tsx';
import { ButtonLink } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ListRow } from '../../ui/list-row.tsx';
import { RowsSkeleton } from '../../ui/skeletons.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { paths } from '../flows/paths.ts';
import { Page } from '../page.tsx';
import { useCards } from '../queries.ts';
import { ReadFailure } from '../trouble.tsx';

/** The bound cards, each with its state and its bank's. */
export function CardsPage() {
  const { t } = useTranslation('wallet');
  const { data, error, refetch } = useCards();
  const cards = data?.cards;
  return (
    <Page title={t('cards.title')}>
      <div className="stack">
        {!cards && (error ? <ReadFailure error={error} again={() => void refetch()} /> : <RowsSkeleton rows={2} />)}
        {cards?.length === 0 && (
          <EmptyState
            icon="card"
            title={t('cards.emptyTitle')}
            note={t('cards.emptyNote')}
            action={<ButtonLink to={paths.bind}>{t('cards.add')}</ButtonLink>}
          />
        )}
        {cards && cards.length > 0 && (
          <>
            <div className="panel rows">
              {cards.map((card) => (
                <CardRow key={card.id} card={card} />
              ))}
            </div>
            <ButtonLink kind="line" to={paths.bind} icon="card">
              {t('cards.add')}
            </ButtonLink>
          </>
        )}
      </div>
    </Page>
  );
}

function CardRow({ card }: { card: Card }) {
  const { t } = useTranslation('wallet');
  const { t: ui } = useTranslation('ui');
  return (
    <ListRow
      leading={<BankPlate bankCode={card.bankCode} />}
      title={
        <span className="strong">
          {card.bankName} <span className="num">{card.last4}</span>
        </span>
      }
      note={t('cards.row', { kind: ui(`cardKind.${card.kind}`), state: t(`cards.bank.${card.bankState}`) })}
      end={card.state === 'ok' ? undefined : <StatusChip kind="attend">{t('cards.trouble')}</StatusChip>}
      to={`/cards/${card.id}`}
    />
  );
}
