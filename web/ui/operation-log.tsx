import { useTranslation } from 'react-i18next';
import type { OperationShape } from '../../src/contract/operations.ts';
import { instant } from '../client/clock.ts';
import { formatClock } from './format-time.ts';
import type uiZh from './words/zh-CN.json';

type EventWord = keyof (typeof uiZh)['log']['event'];
type Line = { at: string; event: EventWord; attempt: number | null };

const known: Readonly<Record<EventWord, true>> = {
  started: true,
  confirmed: true,
  pin_needed: true,
  sent_to_bank: true,
  bank_silent: true,
  asked_bank: true,
  asked_again_after_restart: true,
  bank_agreed: true,
  bank_refused: true,
  bank_sent_code: true,
  bank_code_wrong: true,
  given_to_people: true,
  review_overdue: true,
  settled_by_people: true,
  returned_to_card: true,
  account_closed: true,
  booked: true,
  bound: true,
  refused: true,
  entry_refused: true,
  code_sent: true,
  code_entered: true,
  code_right: true,
  code_not_sent: true,
  sms_not_taken: true,
  register_agrees: true,
  register_silent: true,
  verified: true,
  identity_agrees: true,
  pin_reset: true,
  opened: true,
  signed_in: true,
  cancelled: true,
  expired: true,
  other: true,
};
const wordOf = (event: string): EventWord => (Object.hasOwn(known, event) ? (event as EventWord) : 'other');

/** The same event again and again is one line, with the last time and the count. */
function linesOf(timeline: OperationShape['timeline']): Line[] {
  const lines: Line[] = [];
  for (const { at, event, attempt } of timeline) {
    const word = wordOf(event);
    const last = lines.at(-1);
    if (last?.event === word) {
      last.at = at;
      last.attempt = attempt ?? (last.attempt ?? 1) + 1;
    } else lines.push({ at, event: word, attempt: attempt ?? 1 });
  }
  return lines;
}

type OperationLogProps = { operation: Pick<OperationShape, 'timeline' | 'state' | 'nextAskAt' | 'deadlineAt'> };

/** What was done so far, and, while an answer is awaited, what comes next and when. */
export function OperationLog({ operation }: OperationLogProps) {
  const { t } = useTranslation('ui');
  const lines = linesOf(operation.timeline).slice(-5);
  const waits = operation.state === 'asking' || operation.state === 'in_review' || operation.state === 'working';
  return (
    <section>
      <h3 className="section-head">{t('log.title')}</h3>
      <ol className="panel log">
        {lines.map(({ at, event, attempt }, index) => (
          <li key={at + event} className={waits && index === lines.length - 1 ? 'cur' : undefined}>
            <time className="num" dateTime={at}>
              {formatClock(instant(at))}
            </time>
            <span className="d" />
            <span>{t(`log.event.${event}`, { attempt: attempt ?? 1 })}</span>
          </li>
        ))}
        {waits && operation.nextAskAt && <Next at={operation.nextAskAt} text={t('log.askAgain')} />}
        {waits && operation.deadlineAt && <Next at={operation.deadlineAt} text={t('log.answer')} />}
      </ol>
    </section>
  );
}

function Next({ at, text }: { at: string; text: string }) {
  return (
    <li className="next">
      <time className="num" dateTime={at}>
        {formatClock(instant(at))}
      </time>
      <span className="d" />
      <span>{text}</span>
    </li>
  );
}
