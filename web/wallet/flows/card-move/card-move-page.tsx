import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Card } from '../../../../src/contract/wallet.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { Amount } from '../../../ui/amount.tsx';
import { BankPlate } from '../../../ui/bank-plate.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import { Screen } from '../../../ui/screen.tsx';
import { AmountSkeleton, RowsSkeleton } from '../../../ui/skeletons.tsx';
import type { OperationExits } from '../operation/exits.ts';
import { isMoneyOperation, wordsOfKind } from '../operation/money-facts.tsx';
import { MoneyOperationView } from '../operation/money-operation.tsx';
import { BeforeView } from '../parts/before-view.tsx';
import { CardChooser } from '../parts/card-choice.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import type { RemedyHandlers } from '../parts/use-remedies.tsx';
import { paths, safeReturn, withQuery } from '../paths.ts';
import { CardMoveForm } from './card-move-form.tsx';
import { useCardMove, type CardMoveKind } from './use-card-move.ts';

export const TopUpPage = () => <CardMovePage kind="top_up" />;
export const WithdrawPage = () => <CardMovePage kind="withdraw" />;

const FIELDS = ['amount'] as const;

/** Money between a card and the balance, either way: form, what stands in the way, review, and how it went. */
function CardMovePage({ kind }: { kind: CardMoveKind }) {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const move = useCardMove(kind);
  const [choosing, setChoosing] = useState(false);
  const words = wordsOfKind[kind];
  const title = t(`${words}.title`);
  const { page, card, amount, problem, obstacles } = move;
  const start = kind === 'top_up' ? paths.topUp : paths.withdraw;
  const here = withQuery(start, {
    card: card?.id,
    minor: amount.minor?.toString(),
    return: page.search.get('return') ?? undefined,
  });
  const back = safeReturn(page.search.get('return')) ?? paths.home;
  const close = () => void navigate(back);

  const handlers: RemedyHandlers = {
    edit: () => move.change({}),
    lower: (minor) => move.change({ minor }),
    useCard: (other) => move.change({ card: other }),
    chooseCard: () => {
      move.change({});
      setChoosing(true);
    },
    restart: () => move.change({}),
    again: () => void move.review(),
    ask: () => void move.review(),
  };
  const asked = { cardId: card?.id ?? null, amountMinor: amount.minor ?? null };

  if (page.operation && isMoneyOperation(page.operation)) {
    const exits: OperationExits = {
      onClose: close,
      onBack: () => {
        move.callOff();
        page.leave();
      },
      onRestart: () => move.change({}),
      here: back,
      fields: FIELDS,
      onEdit: () => move.change({}),
      onLower: (minor) => move.change({ minor }),
      onUseCard: (other) => move.change({ card: other }),
      onChooseCard: () => {
        move.change({});
        setChoosing(true);
      },
    };
    return <MoneyOperationView operation={page.operation} put={page.put} exits={exits} />;
  }
  const trouble = problem ?? page.problem ?? (isProblemError(move.cardsError) ? move.cardsError.problem : null);
  if (trouble)
    return (
      <FailureScreen
        title={title}
        problem={trouble}
        kind={kind}
        fields={FIELDS}
        asked={asked}
        here={here}
        intendedId={page.intendedId()}
        context={card && <AskedFor card={card} minor={amount.minor} />}
        handlers={move.cardsError ? { again: move.reload, ask: move.reload } : handlers}
        onClose={problem ? move.clear : close}
        busy={move.busy}
      />
    );
  if (obstacles.length > 0 && card)
    return (
      <BeforeView
        title={t(`${words}.beforeTitle`)}
        sum={t(`${words}.beforeSum`, {
          card: `${card.bankName} ${card.last4}`,
          amount: formatMoney({ minor: (amount.minor ?? 0n).toString(), currency: 'CNY' }),
        })}
        problems={obstacles}
        setting={{ kind, fields: FIELDS, ...asked, orderId: null, here }}
        handlers={handlers}
        onClose={move.clear}
      />
    );
  if (!move.cards || page.id !== null) return <Loading title={title} onBack={close} />;
  if (!card)
    return (
      <Screen title={title} onBack={close}>
        <EmptyState
          icon="card"
          title={t('cards.none')}
          note={t('cards.noneText')}
          action={
            <Button onPress={() => void navigate(withQuery(paths.bind, { return: here }))}>{t('cards.add')}</Button>
          }
        />
      </Screen>
    );
  return (
    <>
      <CardMoveForm kind={kind} card={card} move={move} onChoose={() => setChoosing(true)} onBack={close} />
      <CardChooser
        open={choosing}
        cards={move.cards}
        here={here}
        onPick={(other) => {
          move.change({ card: other });
          setChoosing(false);
        }}
        onClose={() => setChoosing(false)}
      />
    </>
  );
}

/** What was asked for, above what stands in the way. */
function AskedFor({ card, minor }: { card: Card; minor: bigint | undefined }) {
  const { t } = useTranslation('ui');
  return (
    <ContextLine
      leading={<BankPlate bankCode={card.bankCode} />}
      title={t('bankCard', { bank: card.bankName, last4: card.last4 })}
      note={t(`cardKind.${card.kind}`)}
      end={minor !== undefined && minor > 0n && <Amount money={{ minor: minor.toString(), currency: 'CNY' }} soft />}
    />
  );
}

function Loading({ title, onBack }: { title: string; onBack: () => void }) {
  return (
    <Screen title={title} onBack={onBack}>
      <div className="stack-l">
        <RowsSkeleton rows={1} />
        <AmountSkeleton />
      </div>
    </Screen>
  );
}
