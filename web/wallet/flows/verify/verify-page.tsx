import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Me } from '../../../../src/contract/wallet.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { Button } from '../../../ui/button.tsx';
import { LockedField } from '../../../ui/field.tsx';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { FactsSkeleton } from '../../../ui/skeletons.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { EndedView } from '../operation/ended-view.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { usePageOperation } from '../parts/use-page-operation.ts';
import { useMe } from '../parts/wallet-door.ts';
import { WorkingView } from '../parts/working-view.tsx';
import { nextStep } from '../open/first-steps.ts';
import { paths, safeReturn } from '../paths.ts';
import { emptyIdentity, IdentityForm, type IdentityField } from './identity-form.tsx';

const FIELDS = ['name', 'id_number'] as const;

/** Who one is, by name and ID number. What was typed stays while this page is open, and is stored nowhere. */
export function VerifyPage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const page = usePageOperation();
  const { me, error, reload } = useMe();
  const [entry, setEntry] = useState(emptyIdentity);
  const [focus, setFocus] = useState<IdentityField>('name');
  const isFirst = page.search.get('first') === 'true';
  const returnTo = safeReturn(page.search.get('return'));
  const title = isFirst ? t('open.title') : t('verify.title');
  const close = () => void navigate(returnTo ?? paths.home);
  const goOn = (verified: Me) => {
    const next = isFirst ? nextStep({ ...verified, identityVerified: true }, false, returnTo) : returnTo;
    void navigate(next ?? paths.home, { replace: true });
  };
  const edit = (field: string) => {
    setFocus(field === 'id_number' ? 'id_number' : 'name');
    page.leave();
  };
  const { operation } = page;
  const restart = () => page.leave();
  const trouble = page.problem ?? (!me && isProblemError(error) ? error.problem : null);

  if (trouble)
    return (
      <FailureScreen
        title={title}
        problem={trouble}
        kind="verify_identity"
        here={paths.verify}
        handlers={{ again: page.problem ? page.reload : reload, ask: page.reload, restart }}
        onClose={close}
      />
    );
  if (!me || (page.id !== null && operation?.kind !== 'verify_identity'))
    return (
      <Screen title={title} onBack={close}>
        <FactsSkeleton rows={3} />
      </Screen>
    );
  if (operation?.state === 'working')
    return (
      <WorkingView
        title={title}
        operation={operation}
        what={t('verify.checking')}
        text={t('verify.checkingText')}
        onClose={close}
      />
    );
  if (operation?.state === 'succeeded' || me.identityVerified)
    return <VerifiedView title={title} me={me} isFirst={isFirst} onNext={() => goOn(me)} onBack={close} />;
  if (operation?.failure)
    return (
      <FailureScreen
        title={title}
        problem={operation.failure}
        kind="verify_identity"
        operation={operation}
        fields={FIELDS}
        here={paths.verify}
        handlers={{ edit, restart, again: restart, ask: page.reload }}
        onClose={restart}
      />
    );
  if (operation?.state === 'cancelled' || operation?.state === 'expired')
    return (
      <EndedView
        title={title}
        state={operation.state}
        operation={operation}
        exits={{ onClose: close, onRestart: restart }}
      />
    );
  return (
    <IdentityForm
      kind="verify_identity"
      title={title}
      isFirst={isFirst}
      entry={entry}
      onEntry={setEntry}
      focus={focus}
      page={page}
      here={paths.verify}
      onBack={close}
    />
  );
}

type VerifiedViewProps = { title: string; me: Me; isFirst: boolean; onNext: () => void; onBack: () => void };

function VerifiedView({ title, me, isFirst, onNext, onBack }: VerifiedViewProps) {
  const { t } = useTranslation('flows');
  return (
    <Screen
      title={title}
      onBack={onBack}
      dock={<Button onPress={onNext}>{isFirst ? t('common.goOn') : t('common.done')}</Button>}
    >
      {isFirst && <Stepper step={3} total={4} next={t('open.stepPin')} />}
      <h2 className="headline flow-head">{t('verify.doneTitle')}</h2>
      <p className="soft flow-lead">{t('verify.doneText')}</p>
      <div className="stack">
        {me.nameMasked && (
          <LockedField label={t('verify.name')} why={t('common.verified')}>
            {me.nameMasked}
          </LockedField>
        )}
        {me.idNumberMasked && (
          <LockedField label={t('verify.idNumber')} why={t('common.verified')}>
            <MaskedText text={me.idNumberMasked} />
          </LockedField>
        )}
      </div>
    </Screen>
  );
}
