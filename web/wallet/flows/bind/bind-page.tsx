import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { OperationOf } from '../../../../src/contract/operations.ts';
import { instant } from '../../../client/clock.ts';
import { BankPlate } from '../../../ui/bank-plate.tsx';
import { Button, ButtonLink } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ContextLine } from '../../../ui/failure-card.tsx';
import { formatMoment } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { Screen } from '../../../ui/screen.tsx';
import { NotReadYet, problemIn } from '../parts/not-read-yet.tsx';
import { OperationEnds } from '../parts/operation-ends.tsx';
import { usePageOperation, type PageOperation } from '../parts/use-page-operation.ts';
import { useMe } from '../parts/wallet-door.ts';
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
  const trouble = page.problem ?? (me ? null : problemIn(error));
  if (trouble || !me || (page.id !== null && page.operation?.kind !== 'bind_card'))
    return (
      <NotReadYet
        title={title}
        problem={trouble}
        again={page.problem ? page.reload : reload}
        restart={() => page.leave()}
        kind="bind_card"
        here={paths.bind}
        rows={4}
        onClose={close}
      />
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
  switch (operation.state) {
    case 'needs_you':
      return (
        <BindCode
          operation={operation}
          put={page.put}
          onBack={() => page.leave()}
          onEditPhone={() => onEdit('reserved_phone')}
        />
      );
    case 'succeeded':
      return <BoundView operation={operation} isFirst={isFirst} back={back} />;
    default:
      return (
        <OperationEnds
          title={t('bind.title')}
          operation={operation}
          page={page}
          working={
            operation.step === 'requesting'
              ? { what: t('code.askingBank'), text: t('code.askingBankText') }
              : { what: t('bind.binding'), text: t('bind.bindingText') }
          }
          above={<CardContext operation={operation} />}
          fields={FIELDS}
          onEdit={onEdit}
          here={paths.bind}
          onClose={onClose}
        />
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
