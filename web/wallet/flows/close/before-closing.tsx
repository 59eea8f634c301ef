import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, ButtonLink } from '../../../ui/button.tsx';
import { formatMoney } from '../../../ui/format-money.ts';
import { momentOf } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { Notice } from '../../../ui/notice.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { wordsOfKind } from '../operation/money-facts.tsx';
import { Headline } from '../parts/headline.tsx';
import { paths, withQuery } from '../paths.ts';
import type { Obstacle } from './obstacles.ts';

type BeforeClosingProps = { title: string; obstacles: readonly Obstacle[]; onBack: () => void };
/** In words; without an address the one way is to ask for help. */
type Told = { title: string; text: string; step: string; to?: string };

const back = (path: string, more: Record<string, string> = {}) => withQuery(path, { ...more, return: paths.close });

/** All that stands in the way of closing, told at once, each with the one step that ends it. Nothing has begun. */
export function BeforeClosing({ title, obstacles, onBack }: BeforeClosingProps) {
  const { t } = useTranslation('flows');
  const tell = useTelling();
  const [asksHelp, setAsksHelp] = useState(false);
  const told = obstacles.map(tell);
  const [first] = told;
  const help = () => setAsksHelp(true);
  return (
    <Screen
      title={title}
      onBack={onBack}
      dock={
        <>
          <p className="note centre">{t('close.unchanged')}</p>
          {first && (
            <Step told={first} words={told.length > 1 ? t('before.startFirst', { n: 1 }) : first.step} onHelp={help} />
          )}
        </>
      }
    >
      <Headline>{t('close.beforeHeadline', { count: obstacles.length })}</Headline>
      <p className="soft">{t('close.beforeText')}</p>
      <ol className="panel rows pf">
        {told.map((one, index) => (
          <li key={one.title}>
            <span className="k">{index + 1}</span>
            <div className="c">
              <h3 className="strong">{one.title}</h3>
              <p className="note">{one.text}</p>
              {told.length > 1 && (
                <div className="act">
                  <Step told={one} words={one.step} onHelp={help} small />
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
      <Sheet open={asksHelp} onClose={() => setAsksHelp(false)} title={t('support.title')}>
        <div className="stack">
          <Notice icon="shield" lead={t('support.how')}>
            {t('support.howText')}
          </Notice>
          <Button kind="line" onPress={() => setAsksHelp(false)}>
            {t('common.close')}
          </Button>
        </div>
      </Sheet>
    </Screen>
  );
}

type StepProps = { told: Told; words: string; onHelp: () => void; small?: boolean };

function Step({ told, words, onHelp, small }: StepProps) {
  const look = small ? ({ kind: 'line', small: true } as const) : {};
  return told.to === undefined ? (
    <Button {...look} onPress={onHelp}>
      {words}
    </Button>
  ) : (
    <ButtonLink {...look} to={told.to}>
      {words}
    </ButtonLink>
  );
}

function useTelling(): (obstacle: Obstacle) => Told {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  return (obstacle) => {
    switch (obstacle.what) {
      case 'frozen':
        return {
          title: t('close.frozen'),
          text: t('close.frozenText'),
          step: t('freeze.lift'),
          to: back(paths.freeze),
        };
      case 'stopped':
        return { title: t('close.stopped'), text: t('close.stoppedText'), step: t('support.title') };
      case 'no_pin':
        return { title: t('close.noPin'), text: t('close.noPinText'), step: t('small.goSet'), to: back(paths.pin) };
      case 'pin_locked': {
        const time = momentOf(obstacle.until, language);
        const text = t('close.pinLockedText', { time });
        return { title: t('close.pinLocked'), text, step: t('resetPin.title'), to: back(paths.resetPin) };
      }
      case 'under_way': {
        const { id, kind, amount, deadlineAt } = obstacle.operation;
        const sum = amount ? formatMoney(amount) : '';
        return {
          title: t('close.underWay', { what: t(`${wordsOfKind[kind]}.title`), amount: sum }),
          text: deadlineAt
            ? t('close.underWayText', { time: momentOf(deadlineAt, language) })
            : t('close.underWayNoTime'),
          step: t('close.see'),
          to: paths.operation(id),
        };
      }
      case 'balance': {
        const amount = formatMoney(obstacle.amount);
        const title = t('close.balance', { amount });
        return obstacle.hasCard
          ? {
              title,
              text: t('close.balanceText'),
              step: t('close.withdraw', { amount }),
              to: back(paths.withdraw, { minor: obstacle.amount.minor }),
            }
          : { title, text: t('close.balanceNoCard'), step: t('cards.add'), to: back(paths.bind) };
      }
      case 'held':
        return {
          title: t('close.held', { amount: formatMoney(obstacle.amount) }),
          text: t('close.heldText'),
          step: t('pay.toHistory'),
          to: paths.history,
        };
    }
  };
}
