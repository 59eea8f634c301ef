import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Me } from '../../../../src/contract/wallet.ts';
import { Button } from '../../../ui/button.tsx';
import { LockedField } from '../../../ui/field.tsx';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { NotReadYet, problemIn } from '../parts/not-read-yet.tsx';
import { OperationEnds } from '../parts/operation-ends.tsx';
import { usePageOperation } from '../parts/use-page-operation.ts';
import { useMe } from '../parts/wallet-door.ts';
import { nextStep } from '../open/first-steps.ts';
import { paths, safeReturn } from '../paths.ts';
import { emptyIdentity, IdentityForm, type IdentityField } from './identity-form.tsx';
import { Headline } from '../parts/headline.tsx';

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
  const trouble = page.problem ?? (me ? null : problemIn(error));

  if (trouble || !me || (page.id !== null && operation?.kind !== 'verify_identity'))
    return (
      <NotReadYet
        title={title}
        problem={trouble}
        again={page.problem ? page.reload : reload}
        restart={() => page.leave()}
        kind="verify_identity"
        here={paths.verify}
        onClose={close}
      />
    );
  if (operation?.state === 'succeeded' || (me.identityVerified && operation?.state !== 'working'))
    return <VerifiedView title={title} me={me} isFirst={isFirst} onNext={() => goOn(me)} onBack={close} />;
  if (operation)
    return (
      <OperationEnds
        title={title}
        operation={operation}
        page={page}
        working={{ what: t('verify.checking'), text: t('verify.checkingText') }}
        fields={FIELDS}
        onEdit={edit}
        here={paths.verify}
        onClose={close}
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
      <Headline>{t('verify.doneTitle')}</Headline>
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
