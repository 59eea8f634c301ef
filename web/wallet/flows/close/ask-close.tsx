import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Balance } from '../../../../src/contract/wallet.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Button } from '../../../ui/button.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { TwoColumns } from '../../../ui/two-columns.tsx';
import { isLost, problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { Headline } from '../parts/headline.tsx';
import { PinSheet } from '../parts/pin-sheet.tsx';
import { useOnline } from '../parts/use-online.ts';
import { useClient } from '../parts/wallet-door.ts';
import { paths, withQuery } from '../paths.ts';
import { AfterClosing } from './after-closing.tsx';

type AskCloseProps = { title: string; balance: Balance['available']; cards: number; onBack: () => void };

/** Changed since this screen was drawn: read anew, the page says itself what stands in the way. */
const STANDS_IN_THE_WAY = new Set(['account.balance_left', 'operation.previous_unsettled']);

function useClosing() {
  const client = useClient();
  const queries = useQueryClient();
  const [asksPin, setAsksPin] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const close = async (pin: string) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await client.close({ pin });
      await queries.invalidateQueries();
    } catch (error) {
      const told = problemOf(error);
      // A lost answer is not asked for again, since a wrong PIN would count twice: whether it is closed shows itself.
      if (STANDS_IN_THE_WAY.has(told.code) || isLost(error)) await queries.invalidateQueries();
      if (STANDS_IN_THE_WAY.has(told.code)) setAsksPin(false);
      // There was nothing in it: whatever became of the closing, no money moves with it.
      else setProblem({ ...told, moneyMoved: 'no' });
    } finally {
      setBusy(false);
    }
  };
  const forget = () => {
    setProblem(null);
    setAsksPin(false);
  };
  return { asksPin, openPin: () => setAsksPin(true), busy, problem, close, forget };
}

/** What closing means, before it is done: what stops, what stays, what becomes of the data, and the way back. */
export function AskClose({ title, balance, cards, onBack }: AskCloseProps) {
  const { t } = useTranslation('flows');
  const online = useOnline();
  const { asksPin, openPin, busy, problem, close, forget } = useClosing();
  const atKeypad = problem?.code === 'security.pin_wrong';
  if (problem && !atKeypad)
    return (
      <FailureScreen
        title={title}
        problem={problem}
        kind={null}
        here={paths.close}
        handlers={{ again: forget, ask: forget, edit: forget }}
        onClose={forget}
      />
    );
  return (
    <Screen
      title={title}
      onBack={onBack}
      dock={
        <Button onPress={openPin} reason={online ? undefined : t('common.offlineButton')}>
          {t('close.now')}
        </Button>
      }
    >
      <Headline>{t('close.headline')}</Headline>
      <p className="soft flow-lead">{t('close.intro')}</p>
      <div className="stack">
        <div className="panel pad between">
          <span className="soft">{t('close.empty')}</span>
          <Amount money={balance} size={4} rule="final" />
        </div>
        <TwoColumns
          columns={[
            {
              title: t('freeze.stops'),
              icon: 'no',
              items: [t('close.stopMoney'), t('close.stopSending'), t('close.stopCards')],
            },
            { title: t('close.stays'), icon: 'check', items: [t('close.staysHistory'), t('close.staysReceipts')] },
          ]}
        />
        {cards > 0 && (
          <Notice icon="card" lead={t('close.cards', { count: cards })} to={paths.cards}>
            {t('close.cardsText')}
          </Notice>
        )}
        <AfterClosing />
      </div>
      <PinSheet
        open={asksPin}
        complaint={atKeypad ? `${problem.title}${t('common.stop')}${problem.detail}` : null}
        busy={busy}
        onPin={(pin) => void close(pin)}
        onClose={forget}
        because={t('close.pinText')}
        forgotTo={withQuery(paths.resetPin, { return: paths.close })}
      />
    </Screen>
  );
}
