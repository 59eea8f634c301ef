import { useTranslation } from 'react-i18next';
import type { OperationOf, OperationShape } from '../../../../src/contract/operations.ts';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { CodeDock, CodeEntry, HelpRow, useCodeStep } from '../parts/code-step.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { paths } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

type OpenCodeProps = {
  operation: OperationOf<'open_wallet'>;
  put: (operation: OperationShape) => void;
  /** Back to the number. */
  onBack: () => void;
  onClose: () => void;
};

const LOCK_MINUTES = 30;

/** The code that was sent to the phone. */
export function OpenCode({ operation, put, onBack, onClose }: OpenCodeProps) {
  const { t } = useTranslation('flows');
  const step = useCodeStep(operation, put);
  const { code, phoneMasked } = operation.details;
  if (step.problem && !step.atCode)
    return (
      <FailureScreen
        title={t('open.title')}
        problem={step.problem}
        kind="open_wallet"
        operation={operation}
        fields={['phone', 'contact', 'otp']}
        here={paths.open}
        handlers={{
          edit: (field) => (field === 'otp' ? step.forget() : onBack()),
          resend: step.resend,
          again: step.forget,
          ask: step.forget,
          restart: onBack,
        }}
        onClose={onClose}
      />
    );
  return (
    <Screen title={t('open.title')} onBack={onBack} dock={<CodeDock step={step} />}>
      <Stepper step={2} total={4} next={t('open.stepIdentity')} />
      <Headline>{t('code.title')}</Headline>
      <p className="soft flow-lead">
        {t('code.sentToBefore')}{' '}
        <span className="strong ink">
          <MaskedText text={phoneMasked} />
        </span>
        <button type="button" className="link flow-aside" onClick={onBack}>
          {t('code.otherPhone')}
        </button>
      </p>
      <CodeEntry step={step} code={code} waitMinutes={LOCK_MINUTES}>
        <HelpRow title={t('code.checkPhone')} text={t('code.checkPhoneText')} />
      </CodeEntry>
    </Screen>
  );
}
