import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import type { OperationOf, OperationShape } from '../../../../src/contract/operations.ts';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Screen } from '../../../ui/screen.tsx';
import { isLost, problemOf, submitSafely } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { ForgotPin, PinEntry } from '../parts/pin-sheet.tsx';
import { useClient } from '../parts/wallet-door.ts';
import { paths, withQuery } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

type OpenPinProps = {
  operation: OperationOf<'open_wallet'>;
  put: (operation: OperationShape) => void;
  onBack: () => void;
};

/** A wallet that has a payment PIN asks for it on a new device. */
export function OpenPin({ operation, put, onBack }: OpenPinProps) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const { pathname, search } = useLocation();
  const here = pathname + search;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [lost, setLost] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (pin: string) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      put(await submitSafely(client, operation, { pin }));
    } catch (error) {
      setLost(isLost(error));
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const atKeypad = problem !== null && (problem.code === 'security.pin_wrong' || lost);
  if (problem && !atKeypad)
    return (
      <FailureScreen
        title={t('open.title')}
        problem={problem}
        kind="open_wallet"
        operation={operation}
        fields={['payment_pin']}
        here={here}
        handlers={{ edit: () => setProblem(null), again: () => setProblem(null), ask: () => setProblem(null) }}
        onClose={onBack}
      />
    );
  return (
    <Screen title={t('open.title')} onBack={onBack}>
      <Headline>{t('open.pinTitle')}</Headline>
      <p className="soft flow-lead">{t('open.pinIntro')}</p>
      <ForgotPin to={withQuery(paths.resetPin, { return: here })} />
      <PinEntry
        complaint={atKeypad ? `${problem.title}${t('common.stop')}${problem.detail}` : null}
        busy={busy}
        onPin={(pin) => void submit(pin)}
      />
    </Screen>
  );
}
