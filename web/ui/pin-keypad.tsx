import { useEffect, useId, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Under } from './field.tsx';
import { Icon } from './icon.tsx';
import type { Content } from './content.ts';

const LENGTH = 6;
const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

type PinKeypadProps = {
  value: string;
  onChange: (digits: string) => void;
  onComplete: (digits: string) => void;
  /** What this PIN is for, read to those who do not see the screen. */
  label?: string;
  state?: 'idle' | 'attend' | 'locked';
  message?: Content;
  autoFocus?: boolean;
};

/**
 * The payment PIN by keys of our own: there is no input element, so no password manager offers to keep it and no
 * keyboard of the system learns it. A real keyboard works too while the focus is inside.
 */
export function PinKeypad({ value, onChange, onComplete, label, state = 'idle', message, autoFocus }: PinKeypadProps) {
  const { t } = useTranslation('ui');
  const id = useId();
  const group = useRef<HTMLFieldSetElement>(null);
  // Keys can come faster than drawings; the last text is kept here.
  const typed = useRef(value);
  typed.current = value;
  useEffect(() => {
    if (autoFocus) group.current?.focus();
  }, [autoFocus]);

  const press = (digit: string) => {
    if (state === 'locked' || typed.current.length >= LENGTH) return;
    typed.current += digit;
    onChange(typed.current);
    if (typed.current.length === LENGTH) onComplete(typed.current);
  };
  const erase = () => {
    typed.current = typed.current.slice(0, -1);
    onChange(typed.current);
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) press(event.key);
    else if (event.key === 'Backspace') erase();
    else return;
    event.preventDefault();
  };
  return (
    <fieldset
      ref={group}
      className={state === 'idle' ? 'pin' : state === 'attend' ? 'pin bad' : 'pin locked'}
      tabIndex={-1}
      aria-label={label ?? t('pin.label')}
      aria-describedby={message ? `${id}-note` : undefined}
      onKeyDown={key}
    >
      <div className="pin-dots" role="img" aria-label={t('pin.typed', { count: value.length })}>
        {Array.from({ length: LENGTH }, (_, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a dot is its place
            key={index}
            className={index < value.length ? 'full' : index === value.length && state === 'idle' ? 'now' : undefined}
          />
        ))}
      </div>
      <span className="hidden" aria-live="polite">
        {t('pin.typed', { count: value.length })}
      </span>
      {message && <Under id={`${id}-note`} attend={state !== 'idle'} text={message} />}
      <fieldset className="keys sheet-flush" aria-label={t('pin.keypad')}>
        {DIGITS.map((digit) => (
          <PinKey key={digit} digit={digit} onPress={press} off={state === 'locked'} />
        ))}
        <span />
        <PinKey digit="0" onPress={press} off={state === 'locked'} />
        <button type="button" aria-label={t('delete')} onClick={erase} disabled={value === ''}>
          <Icon name="del" />
        </button>
      </fieldset>
    </fieldset>
  );
}

function PinKey({ digit, onPress, off }: { digit: string; onPress: (digit: string) => void; off: boolean }) {
  return (
    <button type="button" onClick={() => onPress(digit)} disabled={off}>
      {digit}
    </button>
  );
}
