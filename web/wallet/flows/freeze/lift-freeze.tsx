import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import { isIdNumber } from '../../../../src/kernel/id-number.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Button } from '../../../ui/button.tsx';
import { Field } from '../../../ui/field.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { PinSheet } from '../parts/pin-sheet.tsx';
import { groupIdNumber, idCharactersOf } from '../parts/typed-digits.ts';
import { useBalance, useClient } from '../parts/wallet-door.ts';
import { paths, withQuery } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

const ID_LENGTH = 18;

type LiftFreezeProps = { title: string; onLifted: () => void; onBack: () => void };

/** Name, ID number and payment PIN: a phone in the wrong hands is not enough. */
export function LiftFreeze({ title, onLifted, onBack }: LiftFreezeProps) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const queries = useQueryClient();
  const { balance } = useBalance();
  const [name, setName] = useState('');
  const [idNumber, setIdNumber] = useState('');
  const [asksPin, setAsksPin] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const lift = async (pin: string) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await client.unfreeze({ name: name.trim(), idNumber, pin });
      onLifted();
      await queries.invalidateQueries();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const atKeypad = problem?.code === 'security.pin_wrong';
  const close = () => {
    setProblem(null);
    setAsksPin(false);
  };
  if (problem && !atKeypad)
    return (
      <FailureScreen
        title={title}
        problem={problem}
        kind={null}
        fields={['name', 'id_number']}
        here={paths.freeze}
        handlers={{ edit: close, again: close, ask: close }}
        onClose={close}
      />
    );
  const ready = name.trim().length >= 2 && idNumber.length === ID_LENGTH && isIdNumber(idNumber);
  return (
    <Screen
      title={title}
      onBack={onBack}
      dock={
        <Button onPress={() => setAsksPin(true)} reason={ready ? undefined : t('freeze.needBoth')}>
          {t('freeze.lift')}
        </Button>
      }
    >
      <Headline>{t('freeze.frozenTitle')}</Headline>
      <p className="soft flow-lead">{t('freeze.frozenText')}</p>
      <div className="stack">
        {balance && (
          <div className="panel pad between">
            <span className="soft">{t('freeze.balance')}</span>
            <Amount money={balance.available} size={4} rule="final" />
          </div>
        )}
        <Field
          label={t('verify.name')}
          value={name}
          onChange={setName}
          autoComplete="off"
          maxLength={64}
          message={t('verify.nameHint')}
        />
        <Field
          label={t('verify.idNumber')}
          value={idNumber}
          onChange={setIdNumber}
          clean={idCharactersOf}
          group={groupIdNumber}
          count={`${idNumber.length} / ${ID_LENGTH}`}
          autoComplete="off"
        />
      </div>
      <PinSheet
        open={asksPin}
        complaint={atKeypad ? `${problem.title}${t('common.stop')}${problem.detail}` : null}
        busy={busy}
        onPin={(pin) => void lift(pin)}
        onClose={close}
        forgotTo={withQuery(paths.resetPin, { return: paths.freeze })}
      />
    </Screen>
  );
}
