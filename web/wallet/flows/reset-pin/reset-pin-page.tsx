import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { OperationOf } from '../../../../src/contract/operations.ts';
import { formatMoment } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { instant } from '../../../client/clock.ts';
import { DoneView } from '../parts/done-view.tsx';
import { NotReadYet } from '../parts/not-read-yet.tsx';
import { OperationEnds } from '../parts/operation-ends.tsx';
import { usePageOperation, type PageOperation } from '../parts/use-page-operation.ts';
import { paths, safeReturn, withQuery } from '../paths.ts';
import { emptyIdentity, IdentityForm, type IdentityField } from '../verify/identity-form.tsx';
import { ResetCode } from './reset-code.tsx';
import { ResetNewPin } from './reset-new-pin.tsx';

/**
 * A new payment PIN for whoever forgot theirs or has locked it: who one is, the code of the phone, the new PIN. Also
 * reached while signing in, so that nothing here asks for a session by itself.
 */
export function ResetPinPage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const page = usePageOperation();
  const [entry, setEntry] = useState(emptyIdentity);
  const [focus, setFocus] = useState<IdentityField>('name');
  const returnTo = safeReturn(page.search.get('return'));
  const close = () => void navigate(returnTo ?? paths.home);
  const edit = (field: string) => {
    setFocus(field === 'id_number' ? 'id_number' : 'name');
    page.leave();
  };
  if (page.problem || (page.id !== null && page.operation?.kind !== 'reset_pin'))
    return (
      <NotReadYet
        title={t('resetPin.title')}
        problem={page.problem}
        again={page.reload}
        restart={() => page.leave()}
        kind="reset_pin"
        here={hereOf(returnTo)}
        onClose={close}
      />
    );
  if (page.operation?.kind === 'reset_pin')
    return <Resetting operation={page.operation} page={page} edit={edit} returnTo={returnTo} onClose={close} />;
  return (
    <IdentityForm
      kind="reset_pin"
      title={t('resetPin.title')}
      isFirst={false}
      entry={entry}
      onEntry={setEntry}
      focus={focus}
      page={page}
      here={hereOf(returnTo)}
      onBack={close}
    />
  );
}

const hereOf = (returnTo: string | undefined): string => withQuery(paths.resetPin, { return: returnTo });

type ResettingProps = {
  operation: OperationOf<'reset_pin'>;
  page: PageOperation;
  edit: (field: string) => void;
  returnTo: string | undefined;
  onClose: () => void;
};

function Resetting({ operation, page, edit, returnTo, onClose }: ResettingProps) {
  const { t } = useTranslation('flows');
  const title = t('resetPin.title');
  switch (operation.state) {
    case 'needs_you':
      return operation.step === 'pin' ? (
        <ResetNewPin operation={operation} put={page.put} here={hereOf(returnTo)} onBack={onClose} />
      ) : (
        <ResetCode
          operation={operation}
          put={page.put}
          here={hereOf(returnTo)}
          onRestart={() => page.leave()}
          onClose={onClose}
        />
      );
    case 'succeeded':
      return <ResetDone operation={operation} onDone={onClose} />;
    default:
      return (
        <OperationEnds
          title={title}
          operation={operation}
          page={page}
          working={{
            what: operation.step === 'sending' ? t('code.sending') : t('resetPin.checking'),
            text: t('code.sendingText'),
          }}
          fields={['name', 'id_number']}
          onEdit={edit}
          here={hereOf(returnTo)}
          onClose={onClose}
        />
      );
  }
}

function ResetDone({ operation, onDone }: { operation: OperationOf<'reset_pin'>; onDone: () => void }) {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const until = operation.result?.pausedUntil;
  return (
    <DoneView title={t('resetPin.title')} headline={t('resetPin.doneTitle')} next={t('common.goOn')} onNext={onDone}>
      <p className="soft">{t('pin.changedText')}</p>
      {until && <p className="soft">{t('resetPin.pause', { time: formatMoment(instant(until), language) })}</p>}
    </DoneView>
  );
}
