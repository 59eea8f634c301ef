import { useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Under } from './field.tsx';
import { Icon } from './icon.tsx';
import type { Content } from './content.ts';

export type AmountKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '.' | 'delete';
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '0'] as const;

type AmountFieldProps = {
  label: string;
  /** The text as typed, digits with at most one point. */
  typed: string;
  /** The same text with separators of thousands, as it is shown. */
  shown: string;
  /** The whole new text after typing on a real keyboard or pasting. */
  onText: (text: string) => void;
  mark?: string;
  state?: 'idle' | 'attend';
  message?: Content;
  autoFocus?: boolean;
};

/**
 * The one amount of a screen while it is typed. A real input lies over the figures, without the keyboard of the
 * system, so that the keypad, a real keyboard and pasting all end in the same text.
 */
export function AmountField({
  label,
  typed,
  shown,
  onText,
  mark = '¥',
  state = 'idle',
  message,
  autoFocus,
}: AmountFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) input.current?.focus({ preventScroll: true });
  }, [autoFocus]);
  const chars = { '--chars': shown.length + 2 } as React.CSSProperties;
  return (
    <div className={state === 'attend' ? 'amtbox bad' : 'amtbox'}>
      <label className="soft" htmlFor={id}>
        {label}
      </label>
      <div className="ruled code">
        <span className="typed amt amt-5" style={chars} aria-hidden="true">
          <i>{mark}</i>
          {shown === '' ? <span className="note-figure">0</span> : shown}
          <b className="caret" />
        </span>
        <input
          id={id}
          ref={input}
          value={typed}
          onChange={(event) => onText(event.target.value)}
          inputMode="none"
          autoComplete="off"
          aria-invalid={state === 'attend' || undefined}
          aria-describedby={message ? `${id}-note` : undefined}
        />
      </div>
      {message && <Under id={`${id}-note`} attend={state === 'attend'} text={message} />}
    </div>
  );
}

/** The keypad beneath the dock; `onKey` takes one key at a time. */
export function AmountKeypad({ onKey }: { onKey: (key: AmountKey) => void }) {
  const { t } = useTranslation('ui');
  return (
    <fieldset className="keys" aria-label={t('amount.keypad')}>
      {KEYS.map((key) => (
        <button key={key} type="button" onClick={() => onKey(key)} aria-label={key === '.' ? t('point') : undefined}>
          {key}
        </button>
      ))}
      <button type="button" aria-label={t('delete')} onClick={() => onKey('delete')}>
        <Icon name="del" />
      </button>
    </fieldset>
  );
}

type QuickAmountsProps = {
  amounts: readonly { typed: string; shown: string }[];
  now: string;
  onPick: (typed: string) => void;
};

/** Common sums to pick from. */
export function QuickAmounts({ amounts, now, onPick }: QuickAmountsProps) {
  const { t } = useTranslation('ui');
  return (
    <fieldset className="quick" aria-label={t('amount.quick')}>
      {amounts.map(({ typed, shown }) => (
        <button key={typed} type="button" aria-pressed={typed === now} onClick={() => onPick(typed)}>
          {shown}
        </button>
      ))}
    </fieldset>
  );
}
