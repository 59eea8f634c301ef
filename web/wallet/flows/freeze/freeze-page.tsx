import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import type { Problem } from '../../../../src/contract/problem.ts';
import { Button } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { TwoColumns } from '../../../ui/two-columns.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { DoneView } from '../parts/done-view.tsx';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { NotReadYet, problemIn } from '../parts/not-read-yet.tsx';
import { useClient, useMe } from '../parts/wallet-door.ts';
import { paths, safeReturn } from '../paths.ts';
import { LiftFreeze } from './lift-freeze.tsx';
import { Headline } from '../parts/headline.tsx';

const BY_ONESELF = 'account.frozen_by_you';

/** Stops everything that leaves one's account, at once; and lifts that again after proving who one is. */
export function FreezePage() {
  const { t } = useTranslation('flows');
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { me, error, reload } = useMe();
  const [lifted, setLifted] = useState(false);
  const close = () => void navigate(safeReturn(search.get('return')) ?? paths.home);
  const title = t('freeze.title');
  if (!me)
    return <NotReadYet title={title} problem={problemIn(error)} again={reload} here={paths.freeze} onClose={close} />;
  if (lifted)
    return (
      <DoneView title={title} headline={t('freeze.liftedTitle')} next={t('common.done')} onNext={close}>
        <p className="soft">{t('freeze.liftedText')}</p>
      </DoneView>
    );
  if (me.accountCause === BY_ONESELF)
    return <LiftFreeze title={title} onLifted={() => setLifted(true)} onBack={close} />;
  return <AskFreeze title={title} isStopped={me.accountState !== 'normal'} onBack={close} />;
}

function AskFreeze({ title, isStopped, onBack }: { title: string; isStopped: boolean; onBack: () => void }) {
  const { t } = useTranslation('flows');
  const client = useClient();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const freeze = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      // Asked twice it is frozen once; a lost answer is asked again by pressing again.
      await client.freeze();
      await queries.invalidateQueries({ queryKey: ['me'] });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  if (problem)
    return (
      <FailureScreen
        title={title}
        problem={problem}
        kind={null}
        here={paths.freeze}
        busy={busy}
        handlers={{ again: () => void freeze(), ask: () => void freeze() }}
        onClose={() => setProblem(null)}
      />
    );
  return (
    <Screen
      title={title}
      onBack={onBack}
      dock={
        <Button onPress={() => void freeze()} busy={busy} reason={isStopped ? t('freeze.stopped') : undefined}>
          {t('freeze.now')}
        </Button>
      }
    >
      <Headline>{t('freeze.headline')}</Headline>
      <p className="soft flow-lead">{t('freeze.intro')}</p>
      <TwoColumns
        columns={[
          { title: t('freeze.stops'), icon: 'no', items: [t('freeze.pay'), t('freeze.cards'), t('freeze.receive')] },
          { title: t('freeze.stays'), icon: 'check', items: [t('freeze.see'), t('freeze.open'), t('freeze.help')] },
        ]}
      />
      <div className="flow-gap">
        <Notice icon="shield" lead={t('freeze.lead')}>
          {t('freeze.liftLater')}
        </Notice>
      </div>
    </Screen>
  );
}
