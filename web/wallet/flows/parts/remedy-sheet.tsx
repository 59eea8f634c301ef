import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import { isProblemError } from '../../../client/problem-error.ts';
import { now } from '../../../client/clock.ts';
import { Button } from '../../../ui/button.tsx';
import { CopyText } from '../../../ui/copy-text.tsx';
import { formatLeft, formatMoment } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { Notice } from '../../../ui/notice.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { useNow } from '../../../ui/use-now.ts';
import type { RemedyPlan } from './remedy-plan.ts';
import { useClient } from './wallet-door.ts';

export type SheetAsked =
  | Extract<RemedyPlan, { does: 'call' | 'wait' | 'sheet' }>
  | { does: 'tell_payee' }
  | { does: 'why' };
type SheetProps = { asked: SheetAsked | null; problem: Problem; onClose: () => void };

/** What a remedy opens over the failure: a number to call, the time left, the reference for support, the connection. */
export function RemedySheet({ asked, problem, onClose }: SheetProps) {
  const { t } = useTranslation('flows');
  const title = useTitle(asked);
  return (
    <Sheet open={asked !== null} onClose={onClose} title={title}>
      <div className="stack">
        {asked && <SheetBody asked={asked} problem={problem} />}
        <Button kind="line" onPress={onClose}>
          {t('common.close')}
        </Button>
      </div>
    </Sheet>
  );
}

function useTitle(asked: SheetAsked | null): string {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  if (asked === null) return '';
  if (asked.does === 'call') return t('call.title', { bank: asked.bankName });
  if (asked.does === 'wait') return t('wait.title', { time: formatMoment(asked.until, language) });
  if (asked.does === 'why') return t('why.title');
  if (asked.does === 'tell_payee') return t('tell.title');
  return {
    support: t('support.title'),
    network: t('network.title'),
    camera: t('device.title'),
    clock: t('device.title'),
  }[asked.sheet];
}

function SheetBody({ asked, problem }: { asked: SheetAsked; problem: Problem }) {
  const { t } = useTranslation('flows');
  switch (asked.does) {
    case 'call':
      return (
        <>
          <p className="soft">{t('call.text')}</p>
          <a className="btn btn-main num" href={`tel:${asked.number}`}>
            {asked.number}
          </a>
        </>
      );
    case 'wait':
      return <WaitLeft until={asked.until} />;
    case 'why':
      return <Why problem={problem} />;
    case 'tell_payee':
      return <CopyText text={t(problem.code === 'third_party.payee_not_found' ? 'tell.invite' : 'tell.text')} />;
    case 'sheet':
      if (asked.sheet === 'support') return <Support reference={problem.reference} />;
      if (asked.sheet === 'network') return <NetworkCheck />;
      return <p className="soft">{asked.sheet === 'camera' ? t('device.camera') : t('device.clock')}</p>;
  }
}

function WaitLeft({ until }: { until: Date }) {
  const { t } = useTranslation('flows');
  const left = until.getTime() - useNow(1000).getTime();
  return (
    <p className="title num" role="timer">
      {left > 0 ? t('wait.left', { left: formatLeft(left) }) : t('wait.ready')}
    </p>
  );
}

function Why({ problem }: { problem: Problem }) {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  return (
    <>
      <p>{problem.detail}</p>
      <Facts
        panel
        ruled
        items={[
          { label: t('why.whose'), value: `${problem.sideLabel} · ${problem.sideNote}` },
          { label: t('why.money'), value: t(`why.moneyMoved.${problem.moneyMoved}`) },
          { label: t('why.again'), value: t(`why.retry.${problem.retry}`) },
        ]}
      />
      <p className="centre">
        <a className="link" href={`${problem.type}?lang=${language}`} target="_blank" rel="noopener">
          {t('why.page')}
        </a>
      </p>
    </>
  );
}

function Support({ reference }: { reference: string | null }) {
  const { t } = useTranslation('flows');
  return (
    <>
      <p className="soft">{reference ? t('support.intro') : t('support.noReference')}</p>
      {reference && <Facts panel items={[{ label: t('support.reference'), value: <CopyText text={reference} /> }]} />}
      <Notice icon="shield" lead={t('support.how')}>
        {t('support.howText')}
      </Notice>
    </>
  );
}

type Reached = { state: 'checking' } | { state: 'fine'; ms: number } | { state: 'noServer' } | { state: 'noNetwork' };

/** Asks the server for something small and says in words what that shows. */
function NetworkCheck() {
  const { t } = useTranslation('flows');
  const client = useClient();
  const [round, setRound] = useState(0);
  const [reached, setReached] = useState<Reached>({ state: 'checking' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round checks anew
  useEffect(() => {
    const stop = new AbortController();
    const beganAt = now().getTime();
    setReached({ state: 'checking' });
    client.status(stop.signal).then(
      () => setReached({ state: 'fine', ms: now().getTime() - beganAt }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const offline = isProblemError(error) && error.problem.code === 'network.offline';
        setReached({ state: offline ? 'noNetwork' : 'noServer' });
      },
    );
    return () => stop.abort();
  }, [client, round]);
  return (
    <>
      <p aria-live="polite">
        {reached.state === 'fine' ? t('network.fine', { ms: reached.ms }) : t(`network.${reached.state}`)}
      </p>
      <Button kind="quiet" onPress={() => setRound(round + 1)} busy={reached.state === 'checking'}>
        {t('network.again')}
      </Button>
    </>
  );
}
