import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { Card } from '../../../src/contract/wallet.ts';
import { instant } from '../../client/clock.ts';
import { Button, ButtonLink } from '../../ui/button.tsx';
import { CardPlate } from '../../ui/card-plate.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatDay } from '../../ui/format-time.ts';
import { useLanguage } from '../../ui/language.ts';
import { LimitBar } from '../../ui/limit-bar.tsx';
import { Facts } from '../../ui/panel.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { FactsSkeleton } from '../../ui/skeletons.tsx';
import { StatusChip } from '../../ui/status-chip.tsx';
import { paths, withQuery } from '../flows/paths.ts';
import { useCards } from '../queries.ts';
import { ReadFailure } from '../trouble.tsx';
import { useClient } from '../use-client.ts';
import { useGoBack } from '../use-go-back.ts';

/** One card: how it does, what it may still carry today, and the way to let it go. */
export function CardPage() {
  const { t } = useTranslation('wallet');
  const { id = '' } = useParams();
  const goBack = useGoBack(paths.cards);
  const { data, error, refetch } = useCards();
  const [removing, setRemoving] = useState(false);
  const card = data?.cards.find((one) => one.id === id);
  const missing = data && !card;
  return (
    <Screen
      title={t('card.title')}
      onBack={goBack}
      dock={card && <CardDock card={card} onRemove={() => setRemoving(true)} />}
    >
      {!data && (error ? <ReadFailure error={error} again={() => void refetch()} /> : <FactsSkeleton rows={5} />)}
      {missing && (
        <EmptyState
          icon="card"
          title={t('card.goneTitle')}
          note={t('card.goneNote')}
          action={<ButtonLink to={paths.cards}>{t('cards.title')}</ButtonLink>}
        />
      )}
      {card && (
        <>
          <CardPlate {...card} />
          <CardHealth card={card} />
          <CardLimits card={card} />
          <RemoveSheet card={card} open={removing} onClose={() => setRemoving(false)} onGone={goBack} />
        </>
      )}
    </Screen>
  );
}

function CardDock({ card, onRemove }: { card: Card; onRemove: () => void }) {
  const { t } = useTranslation('wallet');
  return (
    <>
      {card.state === 'ok' ? (
        <ButtonLink to={withQuery(paths.topUp, { card: card.id })}>{t('card.useForTopUp')}</ButtonLink>
      ) : (
        <ButtonLink to={paths.bind}>{t('card.verifyAgain')}</ButtonLink>
      )}
      <Button kind="plain" onPress={onRemove}>
        {t('card.remove')}
      </Button>
    </>
  );
}

function CardHealth({ card }: { card: Card }) {
  const { t } = useTranslation('wallet');
  const language = useLanguage();
  const good = card.state === 'ok' && card.bankState === 'up';
  return (
    <section className="section">
      <div className="between section-title">
        <h2>{t('card.health')}</h2>
        <StatusChip kind={good ? 'good' : 'attend'}>{good ? t('card.good') : t('card.attend')}</StatusChip>
      </div>
      <Facts
        panel
        ruled
        items={[
          { label: t('card.state'), value: card.state === 'ok' ? t('cards.ok') : t('cards.trouble') },
          { label: card.bankName, value: t(`cards.bank.${card.bankState}`) },
          { label: t('card.boundAt'), value: formatDay(instant(card.boundAt), language) },
          ...(card.bankHotline
            ? [
                {
                  label: t('card.hotline'),
                  value: (
                    <a className="link num" href={`tel:${card.bankHotline}`}>
                      {card.bankHotline}
                    </a>
                  ),
                },
              ]
            : []),
        ]}
      />
    </section>
  );
}

function CardLimits({ card }: { card: Card }) {
  const { t } = useTranslation('wallet');
  return (
    <section className="section">
      <h2 className="section-title">{t('card.limits')}</h2>
      <div className="panel limits kvs">
        <LimitBar label={t('card.topUp')} available={card.topUp.available} allowance={card.topUp.allowance} />
      </div>
    </section>
  );
}

type RemoveSheetProps = { card: Card; open: boolean; onClose: () => void; onGone: () => void };

function RemoveSheet({ card, open, onClose, onGone }: RemoveSheetProps) {
  const { t } = useTranslation('wallet');
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const removing = useMutation({
    mutationFn: () => client.removeCard(card.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['cards'] });
      onGone();
    },
    onError: () => void navigate(`/cards/${card.id}`, { replace: true }),
  });
  return (
    <Sheet open={open} onClose={onClose} title={t('card.removeTitle', { bank: card.bankName, last4: card.last4 })}>
      {removing.error ? (
        <ReadFailure error={removing.error} again={() => removing.mutate()} />
      ) : (
        <div className="stack">
          <p className="soft">{t('card.removeNote')}</p>
          <div>
            <Button onPress={() => removing.mutate()} busy={removing.isPending}>
              {t('card.removeYes')}
            </Button>
            <Button kind="quiet" onPress={onClose}>
              {t('card.removeNo')}
            </Button>
          </div>
        </div>
      )}
    </Sheet>
  );
}
