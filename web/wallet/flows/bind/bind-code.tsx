import { useTranslation } from 'react-i18next';
import type { OperationOf, OperationShape } from '../../../../src/contract/operations.ts';
import { MaskedText } from '../../../ui/masked-text.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { CodeDock, CodeEntry, HelpRow, useCodeStep } from '../parts/code-step.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { useCallOff } from '../parts/use-call-off.ts';
import { paths } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

type BindCodeProps = {
  operation: OperationOf<'bind_card'>;
  put: (operation: OperationShape) => void;
  onBack: () => void;
  onEditPhone: () => void;
};

/** The code that the bank sent to the phone it has. */
export function BindCode({ operation, put, onBack, onEditPhone }: BindCodeProps) {
  const { t } = useTranslation('flows');
  const step = useCodeStep(operation, put);
  const callOff = useCallOff(operation, put);
  const { code, bankName } = operation.details;
  const leave = (go: () => void) => () => {
    callOff();
    go();
  };
  if (step.problem && !step.atCode)
    return (
      <FailureScreen
        title={t('bind.title')}
        problem={step.problem}
        kind="bind_card"
        operation={operation}
        fields={['otp', 'card_number', 'reserved_phone']}
        here={paths.bind}
        handlers={{
          edit: (field) =>
            field === 'otp' ? step.forget() : leave(field === 'reserved_phone' ? onEditPhone : onBack)(),
          resend: step.resend,
          again: step.forget,
          ask: step.forget,
          restart: onBack,
        }}
        onClose={leave(onBack)}
      />
    );
  return (
    <Screen title={t('bind.title')} onBack={leave(onBack)} dock={<CodeDock step={step} />}>
      <Stepper step={2} total={2} />
      <Headline>{t('code.titleBank')}</Headline>
      <p className="soft flow-lead">
        {t('code.bankSentTo', { bank: bankName })}{' '}
        <span className="strong ink">
          <MaskedText text={code?.sentTo ?? ''} />
        </span>
        <button type="button" className="link flow-aside" onClick={leave(onEditPhone)}>
          {t('code.otherPhone')}
        </button>
      </p>
      {code && (
        <CodeEntry step={step} code={code} lastRefusal={operation.failure} waitMinutes={0}>
          <HelpRow title={t('code.checkPhone')} text={t('code.checkBankPhoneText')} />
        </CodeEntry>
      )}
    </Screen>
  );
}
