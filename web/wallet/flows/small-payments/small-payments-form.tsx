import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import type { Client } from '../../../client/client.ts';
import { Button } from '../../../ui/button.tsx';
import { Choice } from '../../../ui/choice.tsx';
import { formatWhole } from '../../../ui/format-money.ts';
import { LimitBar } from '../../../ui/limit-bar.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { StatusChip } from '../../../ui/status-chip.tsx';
import { TwoColumns } from '../../../ui/two-columns.tsx';
import { problemOf } from '../parts/ask-safely.ts';
import { FailureScreen } from '../parts/failure-screen.tsx';
import { Headline } from '../parts/headline.tsx';
import { PinSheet } from '../parts/pin-sheet.tsx';
import { useClient } from '../parts/wallet-door.ts';
import { paths, withQuery } from '../paths.ts';

type Small = Awaited<ReturnType<Client['smallPayments']>>;
type FormProps = { title: string; small: Small; onBack: () => void };

/** Parts of the most that is allowed: few enough to stand side by side. */
const sumsUpTo = (most: bigint): bigint[] => [most / 4n, most / 2n, most].filter((minor) => minor > 0n);

/** Switching it on or changing the sum takes the PIN; switching it off takes nothing. */
function useSetting() {
  const client = useClient();
  const queries = useQueryClient();
  const [asksPin, setAsksPin] = useState(false);
  const [busy, setBusy] = useState<'allow' | 'end' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = async (what: 'allow' | 'end', change: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(what);
    setProblem(null);
    try {
      await change();
      setAsksPin(false);
      await queries.invalidateQueries({ queryKey: ['small-payments'] });
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(null);
    }
  };
  const forget = () => {
    setProblem(null);
    setAsksPin(false);
  };
  return {
    asksPin,
    openPin: () => setAsksPin(true),
    busy,
    problem,
    forget,
    allow: (upTo: Small['most'], pin: string) => void ask('allow', () => client.allowSmallPayments({ upTo, pin })),
    end: () => void ask('end', () => client.endSmallPayments()),
  };
}

export function SmallPaymentsForm({ title, small, onBack }: FormProps) {
  const { t } = useTranslation('flows');
  const setting = useSetting();
  const { upTo, most, mostOfDay, leftOfDay } = small;
  const sums = sumsUpTo(BigInt(most.minor));
  const [chosen, setChosen] = useState(upTo?.minor ?? String(sums.at(-1) ?? 0n));
  const wanted = { ...most, minor: chosen };
  const { problem, busy } = setting;
  const atKeypad = problem?.code === 'security.pin_wrong';
  if (problem && !atKeypad)
    return (
      <FailureScreen
        title={title}
        problem={problem}
        kind={null}
        fields={['payment_pin']}
        here={paths.smallPayments}
        handlers={{ edit: setting.forget, again: setting.forget, ask: setting.forget }}
        onClose={setting.forget}
      />
    );
  const changes = upTo?.minor !== chosen;
  return (
    <Screen
      title={title}
      onBack={onBack}
      dock={
        <>
          {changes && (
            <Button onPress={setting.openPin}>
              {upTo ? t('small.change', { amount: formatWhole(wanted) }) : t('small.turnOn')}
            </Button>
          )}
          {upTo && (
            <Button kind={changes ? 'quiet' : 'line'} onPress={setting.end} busy={busy === 'end'}>
              {t('small.turnOff')}
            </Button>
          )}
        </>
      }
    >
      <Headline>{upTo ? t('small.headlineOn', { amount: formatWhole(upTo) }) : t('small.headline')}</Headline>
      <p className="soft flow-lead">{t('small.intro')}</p>
      <div className="between section-title">
        <h3>{t('small.choose')}</h3>
        {upTo && <StatusChip kind="good">{t('small.on')}</StatusChip>}
      </div>
      <Choice
        label={t('small.choose')}
        value={chosen}
        options={sums.map((minor) => ({ value: String(minor), label: formatWhole({ ...most, minor: String(minor) }) }))}
        onChange={setChosen}
      />
      {leftOfDay && mostOfDay && (
        <div className="flow-gap">
          <LimitBar label={t('small.leftToday')} available={leftOfDay} allowance={mostOfDay} />
        </div>
      )}
      <div className="stack flow-gap">
        <TwoColumns
          columns={[
            {
              title: t('small.without'),
              icon: 'check',
              items: [
                t('small.toPeople'),
                t('small.each', { amount: formatWhole(wanted) }),
                ...(mostOfDay ? [t('small.inDay', { amount: formatWhole(mostOfDay) })] : []),
              ],
            },
            {
              title: t('small.withPin'),
              icon: 'lock',
              items: [t('small.larger'), t('small.others'), t('small.topUps')],
            },
          ]}
        />
        <Notice icon="shield" lead={t('small.lead')} to={withQuery(paths.freeze, { return: paths.smallPayments })}>
          {t('small.risk')}
        </Notice>
        <p className="note">{t('small.changed')}</p>
      </div>
      <PinSheet
        open={setting.asksPin}
        complaint={atKeypad ? `${problem.title}${t('common.stop')}${problem.detail}` : null}
        busy={busy === 'allow'}
        onPin={(pin) => setting.allow(wanted, pin)}
        onClose={setting.forget}
        forgotTo={withQuery(paths.resetPin, { return: paths.smallPayments })}
      />
    </Screen>
  );
}
