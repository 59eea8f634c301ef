import { useTranslation } from 'react-i18next';
import type { OperationOf, OperationShape } from '../../../../src/contract/operations.ts';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { FactsSkeleton } from '../../../ui/skeletons.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { CodeDock, CodeEntry, HelpRow, useCodeStep } from '../parts/code-step.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { Headline } from '../parts/headline.tsx';

type ResetCodeProps = {
  operation: OperationOf<'reset_pin'>;
  put: (operation: OperationShape) => void;
  here: string;
  onRestart: () => void;
  onClose: () => void;
};

const LOCK_MINUTES = 30;

/** The code that was sent to the phone of the wallet. */
export function ResetCode({ operation, put, here, onRestart, onClose }: ResetCodeProps) {
  const { t } = useTranslation('flows');
  const step = useCodeStep(operation, put);
  const { code } = operation.details;
  const title = t('resetPin.title');
  if (step.problem && !step.atCode)
    return (
      <FailureScreen
        title={title}
        problem={step.problem}
        kind="reset_pin"
        operation={operation}
        fields={['otp']}
        here={here}
        handlers={{
          edit: step.forget,
          resend: step.resend,
          again: step.forget,
          ask: step.forget,
          restart: onRestart,
        }}
        onClose={onClose}
      />
    );
  if (!code)
    return (
      <Screen title={title} onBack={onClose}>
        <FactsSkeleton rows={2} />
      </Screen>
    );
  return (
    <Screen title={title} onBack={onClose} dock={<CodeDock step={step} />}>
      <Stepper step={2} total={3} next={t('resetPin.stepPin')} />
      <Headline>{t('code.title')}</Headline>
      <p className="soft flow-lead">
        {t('code.sentToBefore')}{' '}
        <span className="strong ink">
          <MaskedText text={code.sentTo} />
        </span>
      </p>
      <CodeEntry step={step} code={code} waitMinutes={LOCK_MINUTES}>
        <HelpRow title={t('code.checkPhone')} text={t('resetPin.checkPhoneText')} />
      </CodeEntry>
    </Screen>
  );
}
