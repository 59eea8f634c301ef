import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { OperationShape } from '../../../../src/contract/operations.ts';
import { instant } from '../../../client/clock.ts';
import { AskingCard } from '../../../ui/asking-card.tsx';
import { Button } from '../../../ui/button.tsx';
import { QuietLine } from '../../../ui/failure-card.tsx';
import { OperationLog } from '../../../ui/operation-log.tsx';
import { Receipt } from '../../../ui/receipt.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { NotYou } from '../../not-you.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { RemedySheet, type SheetAsked } from '../parts/remedy-sheet.tsx';
import { useAskNow } from '../parts/use-ask-now.ts';
import { useClient } from '../parts/wallet-door.ts';
import { WorkingView } from '../parts/working-view.tsx';
import { paths } from '../paths.ts';
import { ConfirmView } from './confirm-view.tsx';
import { EndedView } from './ended-view.tsx';
import type { OperationExits } from './exits.ts';
import {
  MoneyContext,
  receiptKinds,
  useBook,
  useCounterparty,
  wordsOfKind,
  type MoneyOperation,
} from './money-facts.tsx';

type ViewProps = { operation: MoneyOperation; put: (operation: OperationShape) => void; exits: OperationExits };

/** An operation that moves money, in whatever state it is. */
export function MoneyOperationView({ operation, put, exits }: ViewProps) {
  const { t } = useTranslation('flows');
  const words = wordsOfKind[operation.kind];
  switch (operation.state) {
    case 'needs_you':
      return <ConfirmView operation={operation} put={put} exits={exits} />;
    case 'working':
      return (
        <WorkingView
          title={t(`${words}.title`)}
          operation={operation}
          what={t(`${words}.working`)}
          text={t(`${words}.workingText`)}
          above={<MoneyContext operation={operation} />}
          onClose={exits.onClose}
        />
      );
    case 'asking':
    case 'in_review':
      return <AskingView operation={operation} put={put} exits={exits} />;
    case 'succeeded':
      return <ReceiptView operation={operation} exits={exits} />;
    case 'refused':
    case 'failed':
      return <FailedView operation={operation} put={put} exits={exits} />;
    case 'cancelled':
    case 'expired':
      return <EndedView title={t(`${words}.title`)} state={operation.state} operation={operation} exits={exits} />;
  }
}

/** The outcome is not known: whom we ask, until when, what was done. */
function AskingView({ operation, put, exits }: ViewProps) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const navigate = useNavigate();
  const counterparty = useCounterparty(operation);
  const { ask, busy, toldNothingNew } = useAskNow(operation, put);
  const [sheet, setSheet] = useState<SheetAsked | null>(null);
  const { failure } = operation;
  return (
    <Screen
      title={t(`${wordsOfKind[operation.kind]}.title`)}
      onBack={exits.onClose}
      leaves
      dock={
        <>
          <Button onPress={() => void navigate(paths.home)}>{t('operation.goHome')}</Button>
          <Button kind="quiet" onPress={ask} busy={busy}>
            {toldNothingNew ? t('operation.askedNow') : t('operation.askNow')}
          </Button>
          <QuietLine reference={operation.reference} onSupport={() => setSheet({ does: 'sheet', sheet: 'support' })} />
        </>
      }
    >
      <AskingCard
        operation={operation}
        who={operation.kind === 'top_up' || operation.kind === 'withdraw' ? operation.details.card.bankName : undefined}
        between={
          <>
            {counterparty}
            <br />
            {operation.kind === 'top_up' ? ui('asking.toBalance') : ui('asking.fromBalance')}
          </>
        }
      />
      <div className="flow-gap">
        <OperationLog operation={operation} />
      </div>
      {failure && <RemedySheet asked={sheet} problem={failure} onClose={() => setSheet(null)} />}
    </Screen>
  );
}

/** What happened, closed: the sum over the double rule, and its place in the book. */
function ReceiptView({ operation, exits }: Omit<ViewProps, 'put'>) {
  const { t } = useTranslation('flows');
  const { t: ui } = useTranslation('ui');
  const client = useClient();
  const navigate = useNavigate();
  const counterparty = useCounterparty(operation);
  const { result, amount } = operation;
  const entry = useQuery({
    queryKey: ['transaction', result?.transactionId],
    queryFn: ({ signal }) => client.transaction(result?.transactionId ?? '', signal),
    enabled: result !== null,
    retry: false,
  });
  const words = wordsOfKind[operation.kind];
  if (!result || !amount) return null;
  const seconds = Math.round((instant(operation.updatedAt).getTime() - confirmedAt(operation)) / 1000);
  return (
    <Screen
      title={t(`${words}.title`)}
      onBack={() => void navigate(paths.home)}
      leaves
      dock={<Button onPress={exits.onClose}>{exits.here === paths.home ? t('common.done') : t('common.goOn')}</Button>}
    >
      <Receipt
        kind={receiptKinds[operation.kind]}
        amount={amount}
        fee={entry.data?.fee ?? { ...amount, minor: '0' }}
        summary={
          <>
            {t(`${words}.doneTo`, { who: counterparty })}
            {t('common.pauseMark')}
            {seconds > 0 && seconds < 120
              ? ui('receipt.took', { duration: ui('receipt.seconds', { count: seconds }) })
              : t('common.atOnce')}
            {t('common.stop')}
          </>
        }
        balanceBefore={result.balanceBefore}
        balanceAfter={result.balanceAfter}
        at={operation.updatedAt}
        reference={operation.reference}
        {...(operation.kind === 'transfer' && operation.details.note ? { note: operation.details.note } : {})}
        {...(entry.data ? { proof: { seq: entry.data.ledgerSeq, digest: entry.data.entryDigest } } : {})}
      />
      <NotYou here={paths.operation(operation.id)} />
    </Screen>
  );
}

const confirmedAt = (operation: MoneyOperation): number =>
  instant(operation.timeline.find(({ event }) => event === 'confirmed')?.at ?? operation.createdAt).getTime();

function FailedView({ operation, put, exits }: ViewProps) {
  const { t } = useTranslation('flows');
  const book = useBook(operation);
  const { ask, busy } = useAskNow(operation, put);
  const title = t(`${wordsOfKind[operation.kind]}.title`);
  if (!operation.failure) return <EndedView title={title} state="expired" operation={operation} exits={exits} />;
  return (
    <FailureScreen
      title={title}
      problem={operation.failure}
      kind={operation.kind}
      operation={operation}
      fields={exits.fields}
      here={exits.here}
      context={<MoneyContext operation={operation} />}
      book={book}
      busy={busy}
      handlers={{
        ask,
        restart: exits.onRestart,
        again: exits.onRestart,
        ...(exits.onEdit ? { edit: exits.onEdit } : {}),
        ...(exits.onLower ? { lower: exits.onLower } : {}),
        ...(exits.onUseCard ? { useCard: exits.onUseCard } : {}),
        ...(exits.onChooseCard ? { chooseCard: exits.onChooseCard } : {}),
        ...(exits.onChoosePayee ? { choosePayee: exits.onChoosePayee } : {}),
      }}
      onClose={exits.onClose}
    />
  );
}
