import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { moneyParts, type WireMoney } from './format-money.ts';

export type Rule = 'final' | 'held' | 'open';

type AmountProps = {
  money: WireMoney;
  /** 5: the one amount of a screen; 4: a figure; 2: in a row or in text. */
  size?: 5 | 4 | 2;
  /** final: double rule, closed; held: single rule; open: dotted rule, not known yet. */
  rule?: Rule;
  /** Signed by direction: `+` and the accent when it came in, a true minus when it went out. */
  direction?: 'in' | 'out';
  /** Without the currency mark, as in a list of one currency. */
  bare?: boolean;
  /** Covered, on a screen that others may see. */
  hidden?: boolean;
  soft?: boolean;
};

const SIGNS = { in: '+', out: '−' } as const;
const COVERED = '••••••';

/** A sum of money set with care; it never wraps and never loses a digit. */
export function Amount({ money, size = 2, rule, direction, bare, hidden, soft }: AmountProps) {
  const { t } = useTranslation('ui');
  const { mark, figure, negative } = moneyParts(money);
  const sign = direction ? SIGNS[direction] : negative ? SIGNS.out : '';
  const shown = hidden ? COVERED : `${sign}${figure}`;
  const style = size > 2 ? ({ '--chars': shown.length + 1 } as CSSProperties) : undefined;
  const className = [
    'amt',
    size > 2 && `amt-${size}`,
    direction === 'in' && 'amt-in',
    soft && 'soft',
    hidden && 'amt-hidden',
  ];
  const sum = (
    <span className={className.filter(Boolean).join(' ')} style={style}>
      {!bare && <i>{mark.trim()}</i>}
      {hidden ? (
        <>
          <span aria-hidden="true">{shown}</span>
          <span className="hidden">{t('amount.hidden')}</span>
        </>
      ) : (
        shown
      )}
    </span>
  );
  return rule ? (
    <Ruled rule={rule} small={size === 2}>
      {sum}
    </Ruled>
  ) : (
    sum
  );
}

/** One of the three rules under an amount or a statement about money; said in words to those who do not see it. */
export function Ruled({ rule, small, children }: { rule: Rule; small?: boolean; children: React.ReactNode }) {
  const { t } = useTranslation('ui');
  return (
    <span className={`ruled rule-${rule}${small ? ' ruled-s' : ''}`}>
      {children}
      <span className="hidden"> {t(`rule.${rule}`)}</span>
    </span>
  );
}
