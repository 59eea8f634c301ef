import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../../src/contract/problem.ts';
import { now } from '../../../client/clock.ts';
import { Button } from '../../../ui/button.tsx';
import type { Content } from '../../../ui/content.ts';
import { momentOf } from '../../../ui/format-time.ts';
import { useLanguage } from '../../../ui/language.ts';
import { sideIcons } from '../../../ui/path-line.tsx';
import { Screen } from '../../../ui/screen.tsx';
import { StatusChip } from '../../../ui/status-chip.tsx';
import type { RemedySetting } from './remedy-plan.ts';
import { useRemedies, type RemedyHandlers } from './use-remedies.tsx';
import { useCards } from './wallet-door.ts';
import { Headline } from './headline.tsx';

export type BeforeSetting = Pick<RemedySetting, 'kind' | 'fields' | 'cardId' | 'amountMinor' | 'orderId' | 'here'>;

type BeforeViewProps = {
  title: string;
  /** What was asked for, in a sentence; it has not begun. */
  sum: Content;
  problems: readonly Problem[];
  setting: BeforeSetting;
  handlers: RemedyHandlers;
  onClose: () => void;
};

/** What stands in the way, told all at once before anything is sent, each with what to do about it. */
export function BeforeView({ title, sum, problems, setting, handlers, onClose }: BeforeViewProps) {
  const { t } = useTranslation('flows');
  const { cards = [] } = useCards();
  const whole = (problem: Problem): RemedySetting => ({
    ...setting,
    problem,
    cards,
    operationId: null,
    isFinal: true,
    isCancellable: false,
    canResend: false,
    now: now(),
  });
  const [first] = problems;
  return (
    <Screen
      title={title}
      onBack={onClose}
      leaves
      dock={
        <>
          <p className="note centre">{t('before.harmless')}</p>
          {first && <FirstRemedy setting={whole(first)} handlers={handlers} several={problems.length > 1} />}
        </>
      }
    >
      <Headline>{t('before.headline', { count: problems.length })}</Headline>
      <p className="soft">{sum}</p>
      <ol className="panel rows pf">
        {problems.map((problem, index) => (
          <Obstacle
            key={problem.code + String(problem.field)}
            place={index + 1}
            setting={whole(problem)}
            handlers={handlers}
          />
        ))}
      </ol>
    </Screen>
  );
}

/** The one filled button: the cure of the first thing. */
function FirstRemedy({
  setting,
  handlers,
  several,
}: {
  setting: RemedySetting;
  handlers: RemedyHandlers;
  several: boolean;
}) {
  const { t } = useTranslation('flows');
  const { problem, onRemedy, labelOf, sheet } = useRemedies(setting, handlers);
  const [first] = problem.remedies;
  if (!first) return null;
  return (
    <>
      <Button onPress={() => onRemedy(first)}>
        {several ? t('before.startFirst', { n: 1 }) : (labelOf(first) ?? first.label)}
      </Button>
      {sheet}
    </>
  );
}

function Obstacle({ place, setting, handlers }: { place: number; setting: RemedySetting; handlers: RemedyHandlers }) {
  const { t } = useTranslation('flows');
  const language = useLanguage();
  const { problem, onRemedy, labelOf, sheet } = useRemedies(setting, handlers);
  const [first, second] = problem.remedies;
  return (
    <li>
      <span className="k">{place}</span>
      <div className="c">
        <div className="between">
          <h3 className="strong">{problem.title}</h3>
          <StatusChip kind="plain" icon={sideIcons[problem.side]}>
            {problem.sideLabel}
          </StatusChip>
        </div>
        <p className="note">{problem.detail}</p>
        <div className="act">
          {first && (
            <Button kind="line" small onPress={() => onRemedy(first)}>
              {labelOf(first) ?? first.label}
            </Button>
          )}
          {second ? (
            <button type="button" className="link link-s" onClick={() => onRemedy(second)}>
              {labelOf(second) ?? second.label}
            </button>
          ) : (
            problem.retryAt && (
              <span className="note">{t('before.restores', { time: momentOf(problem.retryAt, language) })}</span>
            )
          )}
        </div>
        {sheet}
      </div>
    </li>
  );
}
