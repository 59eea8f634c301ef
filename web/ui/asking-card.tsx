import { useTranslation } from 'react-i18next';
import type { OperationKind, OperationShape } from '../../src/contract/operations.ts';
import { instant } from '../client/clock.ts';
import { Amount } from './amount.tsx';
import { formatLeft, momentOf } from './format-time.ts';
import { Icon } from './icon.tsx';
import { useLanguage } from './language.ts';
import { StatusChip } from './status-chip.tsx';
import { useNow } from './use-now.ts';
import type { Content } from './content.ts';

type AskingCardProps = {
  operation: Pick<OperationShape, 'kind' | 'amount' | 'createdAt' | 'deadlineAt' | 'updatedAt'>;
  /** Whom we ask, by name: 工商银行. */
  who?: string | undefined;
  /** From where and to where: 工商银行 3391, 到余额. */
  between?: Content;
};

const MONEY_KINDS = ['top_up', 'withdraw', 'pay', 'transfer'] as const;
type MoneyKind = (typeof MONEY_KINDS)[number];
const wordOf = (kind: OperationKind): MoneyKind | 'other' => MONEY_KINDS.find((known) => known === kind) ?? 'other';

/** Unknown is not failed: whom we ask, until when, and what not to do meanwhile. Takes the place of the result. */
export function AskingCard({ operation, who, between }: AskingCardProps) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const { amount, deadlineAt, kind } = operation;
  return (
    <section className="ask" aria-live="polite">
      <div className="ask-head">
        <div>
          <StatusChip kind="open">{t('asking.chip')}</StatusChip>
          <h2 className="headline">
            {t(
              kind === 'top_up' || kind === 'withdraw' || kind === 'bind_card'
                ? 'asking.title.bank'
                : 'asking.title.other',
            )}
          </h2>
          <p className="soft">
            {who !== undefined && <span className="line">{t('asking.noAnswer', { who })}</span>}
            {deadlineAt && (
              <span className="line ink">{t('asking.until', { time: momentOf(deadlineAt, language) })}</span>
            )}
          </p>
        </div>
        {deadlineAt && <Ring from={operation.createdAt} until={deadlineAt} />}
      </div>
      {amount && (
        <div className="ask-sum">
          <Amount money={amount} size={5} rule="open" />
          {between && <span className="note">{between}</span>}
        </div>
      )}
      <div className="dont">
        <Icon name="pause" />
        <div>
          <p className="strong">{t(`asking.dont.${wordOf(kind)}`)}</p>
          <p className="note soft">{t(`asking.promise.${wordOf(kind)}`)}</p>
        </div>
      </div>
    </section>
  );
}

const RADIUS = 35;
const AROUND = 2 * Math.PI * RADIUS;

/** What is left of the wait. The only thing on the screen that moves by itself, since it is a real countdown. */
function Ring({ from, until }: { from: string; until: string }) {
  const { t } = useTranslation('ui');
  const moment = useNow(1000).getTime();
  const end = instant(until).getTime();
  const left = Math.max(0, end - moment);
  const whole = Math.max(1, end - instant(from).getTime());
  const drawn = AROUND * Math.min(1, left / whole);
  const text = formatLeft(left);
  return (
    <div className="ring" role="timer" aria-label={t('asking.left', { time: text })}>
      <svg viewBox="0 0 76 76" fill="none" aria-hidden="true">
        <circle cx="38" cy="38" r={RADIUS} stroke="var(--line-2)" strokeWidth="2" strokeDasharray="2 5.33" />
        <circle
          cx="38"
          cy="38"
          r={RADIUS}
          stroke="var(--surface)"
          strokeWidth="4"
          strokeDasharray={`${drawn} ${AROUND}`}
        />
        <circle
          cx="38"
          cy="38"
          r={RADIUS}
          stroke="var(--asking)"
          strokeWidth="3"
          strokeDasharray={`${drawn} ${AROUND}`}
        />
      </svg>
      <b aria-hidden="true">{text}</b>
    </div>
  );
}
