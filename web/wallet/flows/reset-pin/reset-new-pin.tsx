import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperationOf, OperationShape } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { isLost, problemOf, submitSafely } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { PinEntry } from '../parts/pin-sheet.tsx';
import { useClient } from '../parts/wallet-door.ts';
import { Headline } from '../parts/headline.tsx';

type ResetNewPinProps = {
  operation: OperationOf<'reset_pin'>;
  put: (operation: OperationShape) => void;
  here: string;
  onBack: () => void;
};

/** Told beside the keypad: choosing another one is the cure. */
const AT_THE_KEYPAD = new Set(['input.secret_weak', 'input.format_invalid']);

/** The new PIN, typed twice. */
export function ResetNewPin({ operation, put, here, onBack }: ResetNewPinProps) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const [wanted, setWanted] = useState('');
  const [complaint, setComplaint] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const save = async (pin: string) => {
    setBusy(true);
    try {
      put(await submitSafely(client, operation, { pin }));
    } catch (error) {
      const told = problemOf(error);
      if (AT_THE_KEYPAD.has(told.code) || isLost(error)) {
        setComplaint(`${told.title}${t('common.stop')}${told.detail}`);
      } else setProblem(told);
    } finally {
      setWanted('');
      setBusy(false);
    }
  };
  const enter = (pin: string) => {
    if (busy) return;
    setComplaint(null);
    if (wanted === '') setWanted(pin);
    else if (pin === wanted) void save(pin);
    else {
      setWanted('');
      setComplaint(t('pin.different'));
    }
  };
  if (problem)
    return (
      <FailureScreen
        title={t('resetPin.title')}
        problem={problem}
        kind="reset_pin"
        operation={operation}
        fields={['payment_pin']}
        here={here}
        handlers={{ edit: () => setProblem(null), again: () => setProblem(null), ask: () => setProblem(null) }}
        onClose={onBack}
      />
    );
  const head = wanted === '' ? 'new' : 'again';
  return (
    <Screen title={t('resetPin.title')} onBack={onBack}>
      <Stepper step={3} total={3} />
      <Headline>{t(`pin.${head}Headline`)}</Headline>
      <p className="soft flow-lead">{t(head === 'new' ? 'pin.setIntro' : 'pin.againIntro')}</p>
      <p className="note">{t('pin.dontTell')}</p>
      {/* The second typing is a new keypad: nothing of the first is seen by it. */}
      <PinEntry key={head} complaint={complaint} busy={busy} onPin={enter} />
    </Screen>
  );
}
