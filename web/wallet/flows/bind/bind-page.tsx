import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { OperationOf } from '../../../../src/contract/operations.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { instant } from '../../../client/clock.ts';
import { BankPlate } from '../../../ui/bank-plate.tsx';
import { Button, ButtonLink } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { formatMoment } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { Screen } from '../../../ui/screen.tsx';
import { FactsSkeleton } from '../../../ui/skeletons.tsx';
import { EndedView } from '../operation/ended-view.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { usePageOperation, type PageOperation } from '../parts/use-page-operation.ts';
import { useMe } from '../parts/wallet-door.ts';
import { WorkingView } from '../parts/working-view.tsx';
import { paths, safeReturn, withQuery } from '../paths.ts';
import { BindCode } from './bind-code.tsx';
import { BoundView } from './bound-view.tsx';
import { CardForm } from './card-form.tsx';
import { firstEntry, type CardEntry, type CardField } from './card-entry.ts';

const FIELDS = ['card_number', 'reserved_phone'] as const;

/** Binds a card: its details, then the code that the bank sends. What was typed stays for another try. */
export function BindPage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const page = usePageOperation();
  const { me, error, reload } = useMe();
  const [entry, setEntry] = useState<CardEntry>(firstEntry);
  const [focus, setFocus] = useState<CardField>('card_number');
  const isFirst = page.search.get('first') === 'true';
  const back = safeReturn(page.search.get('return')) ?? paths.home;
  const close = () => void navigate(back);
  const title = t('bind.title');
  const edit = (field: string) => {
    // A phone that the bank does not know is typed anew; everything else stays as it was.
    if (field === 'reserved_phone') setEntry((before) => ({ ...before, usesOwnPhone: false }));
    setFocus(field === 'reserved_phone' ? 'reserved_phone' : 'card_number');
    page.leave();
  };
  const trouble = page.problem ?? (!me && isProblemError(error) ? error.problem : null);
  if (trouble)
    return (
      <FailureScreen
        title={title}
        problem={trouble}
        kind="bind_card"
        here={paths.bind}
        handlers={{ again: page.problem ? page.reload : reload, ask: page.reload, restart: () => page.leave() }}
        onClose={close}
      />
    );
  if (!me || (page.id !== null && page.operation?.kind !== 'bind_card'))
    return (
      <Screen title={title} onBack={close}>
        <FactsSkeleton />
      </Screen>
    );
  if (!me.identityVerified)
    return (
      <Screen title={title} onBack={close}>
        <EmptyState
          icon="you"
          title={t('bind.needIdentity')}
          note={t('bind.needIdentityText')}
          action={
            <ButtonLink to={withQuery(paths.verify, { return: withQuery(paths.bind, { return: back }) })}>
              {t('bind.goVerify')}
            </ButtonLink>
          }
        />
      </Screen>
    );
  if (page.operation?.kind === 'bind_card')
    return (
      <Binding operation={page.operation} page={page} isFirst={isFirst} back={back} onEdit={edit} onClose={close} />
    );
  return (
    <CardForm
      me={me}
      entry={entry}
      onEntry={setEntry}
      focus={focus}
      page={page}
      onBack={close}
      skip={
        isFirst ? (
          <Button kind="quiet" onPress={close}>
            {t('bind.skip')}
          </Button>
        ) : null
      }
    />
  );
}

type BindingProps = {
  operation: OperationOf<'bind_card'>;
  page: PageOperation;
  isFirst: boolean;
  back: string;
  onEdit: (field: string) => void;
  onClose: () => void;
};

function Binding({ operation, page, isFirst, back, onEdit, onClose }: BindingProps) {
  const { t } = useTranslation('flows');
  const title = t('bind.title');
  const restart = () => page.leave();
  const asksForCode = operation.step === 'requesting';
  switch (operation.state) {
    case 'needs_you':
      return (
        <BindCode operation={operation} put={page.put} onBack={restart} onEditPhone={() => onEdit('reserved_phone')} />
      );
    case 'working':
    case 'asking':
    case 'in_review':
      return (
        <WorkingView
          title={title}
          operation={operation}
          what={asksForCode ? t('code.askingBank') : t('bind.binding')}
          text={asksForCode ? t('code.askingBankText') : t('bind.bindingText')}
          above={<CardContext operation={operation} />}
          onClose={onClose}
        />
      );
    case 'succeeded':
      return <BoundView operation={operation} isFirst={isFirst} back={back} />;
    case 'cancelled':
    case 'expired':
      return (
        <EndedView
          title={title}
          state={operation.state}
          operation={operation}
          exits={{ onClose, onRestart: restart }}
        />
      );
    case 'refused':
    case 'failed':
      return operation.failure ? (
        <FailureScreen
          title={title}
          problem={operation.failure}
          kind="bind_card"
          operation={operation}
          fields={FIELDS}
          here={paths.bind}
          context={<CardContext operation={operation} />}
          handlers={{ edit: onEdit, restart, again: restart, ask: page.reload }}
          onClose={restart}
        />
      ) : (
        <EndedView title={title} state="expired" operation={operation} exits={{ onClose, onRestart: restart }} />
      );
  }
}

/** Which card it is about. */
function CardContext({ operation }: { operation: OperationOf<'bind_card'> }) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const { bankCode, bankName, cardMasked, cardKind } = operation.details;
  const moment = formatMoment(instant(operation.createdAt), language);
  return (
    <ContextLine
      leading={<BankPlate bankCode={bankCode} />}
      title={t('bankCard', { bank: bankName, last4: cardMasked.slice(-4) })}
      note={`${t(`cardKind.${cardKind}`)} · ${moment.length === 5 ? t('todayAt', { time: moment }) : moment}`}
    />
  );
}
