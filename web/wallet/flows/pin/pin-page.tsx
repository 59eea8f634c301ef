import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Screen } from '../../../ui/screen.tsx';
import { Stepper } from '../../../ui/stepper.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { DoneView } from '../parts/done-view.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { NotReadYet, problemIn } from '../parts/not-read-yet.tsx';
import { ForgotPin, PinEntry } from '../parts/pin-sheet.tsx';
import { useClient, useMe } from '../parts/wallet-door.ts';
import { nextStep } from '../open/first-steps.ts';
import { paths, safeReturn, withQuery } from '../paths.ts';
import { Headline } from '../parts/headline.tsx';

/** Sets the payment PIN, or changes it, which takes the present one. */
export function PinPage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { me, error, reload } = useMe();
  const isFirst = search.get('first') === 'true';
  const returnTo = safeReturn(search.get('return'));
  const back = () => void navigate(returnTo ?? paths.home);
  const title = isFirst ? t('open.title') : t('pin.title');
  if (!me)
    return <NotReadYet title={title} problem={problemIn(error)} again={reload} here={paths.pin} onClose={back} />;
  const goOn = () => {
    const next = isFirst ? nextStep({ ...me, pinSet: true }, false, returnTo) : returnTo;
    void navigate(next ?? paths.home, { replace: true });
  };
  return <PinSetting title={title} isFirst={isFirst} changes={me.pinSet} onBack={back} onDone={goOn} />;
}

type Stage = 'current' | 'first' | 'again' | 'done';

/** What was typed so far, told beside the keypad in which it is to be typed again. */
function usePinSetting(changes: boolean) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const queries = useQueryClient();
  const [stage, setStage] = useState<Stage>(changes ? 'current' : 'first');
  const [current, setCurrent] = useState<string>();
  const [wanted, setWanted] = useState('');
  const [complaint, setComplaint] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const tell = (told: Problem) => {
    const text = `${told.title}${t('common.stop')}${told.detail}`;
    if (told.code === 'input.secret_weak' || told.code === 'input.format_invalid') {
      setStage('first');
      setComplaint(text);
    } else if (told.code === 'security.pin_wrong' || told.code === 'security.pin_required') {
      setStage('current');
      setComplaint(text);
    } else {
      setStage(changes ? 'current' : 'first');
      setProblem(told);
    }
  };
  const save = async (pin: string) => {
    setBusy(true);
    try {
      await client.setPin({ pin, ...(current === undefined ? {} : { currentPin: current }) });
      await queries.invalidateQueries({ queryKey: ['me'] });
      setStage('done');
    } catch (error) {
      tell(problemOf(error));
    } finally {
      setWanted('');
      setBusy(false);
    }
  };
  const enter = (pin: string) => {
    if (busy) return;
    setComplaint(null);
    if (stage === 'current') {
      setCurrent(pin);
      setStage('first');
    } else if (stage === 'first') {
      setWanted(pin);
      setStage('again');
    } else if (pin === wanted) void save(pin);
    else {
      setWanted('');
      setStage('first');
      setComplaint(t('pin.different'));
    }
  };
  return { stage, complaint, problem, busy, enter, forget: () => setProblem(null) };
}

const HEADS = { current: 'current', first: 'set', again: 'again' } as const;

type PinSettingProps = { title: string; isFirst: boolean; changes: boolean; onBack: () => void; onDone: () => void };

function PinSetting({ title, isFirst, changes, onBack, onDone }: PinSettingProps) {
  const { t } = useTranslation('flows');
  const [changed] = useState(changes);
  const { stage, complaint, problem, busy, enter, forget } = usePinSetting(changed);
  const stepper = isFirst && <Stepper step={4} total={4} />;
  if (problem)
    return (
      <FailureScreen
        title={title}
        problem={problem}
        kind={null}
        fields={['payment_pin']}
        here={paths.pin}
        handlers={{ edit: forget, again: forget, ask: forget }}
        onClose={onBack}
      />
    );
  if (stage === 'done')
    return (
      <DoneView
        title={title}
        above={stepper}
        headline={changed ? t('pin.changedTitle') : t('pin.doneTitle')}
        next={isFirst ? t('pin.goOn') : t('common.done')}
        onNext={onDone}
      >
        <p className="soft">{changed ? t('pin.changedText') : t('pin.dontTell')}</p>
      </DoneView>
    );
  const head = changed && stage === 'first' ? 'new' : HEADS[stage];
  return (
    <Screen title={title} onBack={onBack}>
      {stepper}
      <Headline>{t(`pin.${head}Headline`)}</Headline>
      <p className="soft flow-lead">{t(`pin.${head === 'new' ? 'set' : head}Intro`)}</p>
      {/* A new stage is a new keypad: nothing typed for one is ever seen by another. */}
      <p className="note">{t('pin.dontTell')}</p>
      {stage === 'current' && <ForgotPin to={withQuery(paths.resetPin, { return: '/me' })} />}
      <PinEntry key={stage} complaint={complaint} busy={busy} onPin={enter} />
    </Screen>
  );
}
