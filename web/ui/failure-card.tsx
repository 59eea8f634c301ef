import { useTranslation } from 'react-i18next';
import type { Problem, RemedyShape } from '../../src/contract/problem.ts';
import { Ruled, type Rule } from './amount.tsx';
import { Button } from './button.tsx';
import { momentOf } from './format-time.ts';
import { Icon } from './icon.tsx';
import { useLanguage } from './language.ts';
import { Phrases } from './phrases.tsx';
import { PathLine, sideIcons, type Station } from './path-line.tsx';
import type { Content } from './content.ts';

type FailureCardProps = {
  problem: Problem;
  /** How far it went; without it the card says in a line whose side it is. */
  stations?: readonly Station[];
  /** Where each side stands: `农业银行 5518`, `扣了 0.00`. */
  book?: readonly { label: Content; value: Content }[];
  /** The field or the limit it is about, shown under the sentence. */
  more?: Content;
  /** Does what the remedy says. */
  onRemedy: (remedy: RemedyShape) => void;
  /** Words that name the thing (改用工商银行 3391) instead of the general ones. */
  labelOf?: (remedy: RemedyShape) => string | undefined;
  busy?: boolean;
};

const rules: Record<Problem['moneyMoved'], Rule> = { no: 'final', yes: 'final', held: 'held', unknown: 'open' };
const moneyless = ['open_wallet', 'verify_identity', 'reset_pin', 'bind_card'] as const;
type Moneyless = (typeof moneyless)[number];
const isMoneyless = (flow: string | null): flow is Moneyless =>
  (moneyless as readonly (string | null)[]).includes(flow);

/**
 * The signature of this product: what happened, whose side it is, what became of the money in the largest words, and
 * the next step as a button that does it.
 */
export function FailureCard({ problem, stations, book, more, onRemedy, labelOf, busy }: FailureCardProps) {
  const { t } = useTranslation('ui');
  const [first, second] = problem.remedies;
  const { flow, moneyMoved } = problem;
  const money = moneyMoved === 'no' && isMoneyless(flow) ? t(`money.none.${flow}`) : t(`money.${moneyMoved}`);
  const words = (remedy: RemedyShape) => labelOf?.(remedy) ?? remedy.label;
  return (
    <article className="fail" aria-live="polite">
      {stations && stations.length > 0 ? (
        <div className="fail-side">
          <PathLine stations={stations} side={problem.side} />
        </div>
      ) : (
        <div className="fail-whose">
          <span className="node">
            <Icon name={sideIcons[problem.side]} size={20} />
          </span>
          <span>
            <span className="strong attend">{problem.sideLabel}</span>
            <br />
            <span className="note">{problem.sideNote}</span>
          </span>
        </div>
      )}
      <div className="fail-say">
        <h2 className="title">
          <Phrases text={problem.title} />
        </h2>
        <p>{problem.detail}</p>
        {more && <div className="fail-more">{more}</div>}
      </div>
      <div className="fail-money">
        <p className="headline">
          <Ruled rule={rules[moneyMoved]}>
            <Phrases text={money} />
          </Ruled>
        </p>
        {book && book.length > 0 && <MoneyBook lines={book} />}
      </div>
      <div className="fail-do">
        {first && (
          <Button onPress={() => onRemedy(first)} busy={busy === true}>
            {words(first)}
          </Button>
        )}
        {second && (
          <Button kind="quiet" onPress={() => onRemedy(second)}>
            {words(second)}
          </Button>
        )}
        <WhenToRetry problem={problem} />
      </div>
    </article>
  );
}

/** Where each side stands in the books. */
function MoneyBook({ lines }: { lines: readonly { label: Content; value: Content }[] }) {
  return (
    <dl className="book">
      {lines.map(({ label, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a side of the book is its place
        <div key={index}>
          <dt>{label}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function WhenToRetry({ problem }: { problem: Problem }) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const { retry, retryAt } = problem;
  const text =
    retry === 'later'
      ? retryAt
        ? t('when.later', { time: momentOf(retryAt, language) })
        : t('when.laterUnknown')
      : t(`when.${retry}`);
  return (
    <p className="fail-when">
      <Icon name={retry === 'later' ? 'clock' : 'refresh'} size={20} />
      <span>{text}</span>
    </p>
  );
}

type QuietLineProps = {
  reference: string | null;
  onWhy?: (() => void) | undefined;
  onSupport?: (() => void) | undefined;
};

/** The line beneath: the reference, why, and help that already knows what this is about. */
export function QuietLine({ reference, onWhy, onSupport }: QuietLineProps) {
  const { t } = useTranslation('ui');
  return (
    <div className="quiet">
      <span className="num">{reference ? t('reference', { reference }) : null}</span>
      <span>
        {onWhy && (
          <button type="button" onClick={onWhy}>
            {t('why')}
          </button>
        )}
        {onSupport && (
          <button type="button" onClick={onSupport}>
            {t('support')}
          </button>
        )}
      </span>
    </div>
  );
}

/** What it was about, above the card: a bank's plate or a glyph, two lines and the sum. */
export function ContextLine({
  leading,
  title,
  note,
  end,
}: {
  leading: Content;
  title: Content;
  note?: Content;
  end?: Content;
}) {
  return (
    <div className="ctx">
      {leading}
      <span className="main">
        <span>{title}</span>
        {note && <span className="note">{note}</span>}
      </span>
      {end}
    </div>
  );
}
