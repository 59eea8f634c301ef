import { useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { instant } from '../client/clock.ts';
import { Under } from './field.tsx';
import { Icon } from './icon.tsx';
import { useNow } from './use-now.ts';
import type { Content } from './content.ts';

const LENGTH = 6;
const digitsOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[^0-9]/g, '')
    .slice(0, LENGTH);

type CodeFieldProps = {
  value: string;
  onChange: (digits: string) => void;
  /** Called once when the sixth digit is there. */
  onComplete: (digits: string) => void;
  state?: 'idle' | 'attend' | 'locked';
  message?: Content;
  autoFocus?: boolean;
};

/** Six cells drawn over one real input, so that pasting, autofill and deleting work as everywhere. */
export function CodeField({ value, onChange, onComplete, state = 'idle', message, autoFocus }: CodeFieldProps) {
  const { t } = useTranslation('ui');
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus]);
  const change = (text: string) => {
    const digits = digitsOf(text);
    onChange(digits);
    if (digits.length === LENGTH && digits !== value) onComplete(digits);
  };
  return (
    <div>
      <div className={state === 'idle' ? 'code' : state === 'attend' ? 'code bad' : 'code locked'}>
        <div className="code-cells" aria-hidden="true">
          {Array.from({ length: LENGTH }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            <span key={index} className={index === Math.min(value.length, LENGTH - 1) ? 'now' : undefined}>
              {value[index]}
            </span>
          ))}
        </div>
        <input
          ref={input}
          value={value}
          onChange={(event) => change(event.target.value)}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={24}
          readOnly={state === 'locked'}
          aria-label={t('code.label')}
          aria-invalid={state === 'attend' || undefined}
          aria-describedby={message ? `${id}-note` : undefined}
        />
      </div>
      {message && <Under id={`${id}-note`} attend={state !== 'idle'} text={message} />}
    </div>
  );
}

type CodeFactsProps = {
  /** Wire instants. */
  resendAt: string;
  expiresAt?: string;
  triesLeft: number;
  triesInAll: number;
  /** How long one waits when all tries are used; 0: nothing is said of it. */
  waitMinutes: number;
  resending?: boolean;
  onResend: () => void;
};

/** The wait and the tries that are left, always beside the code. */
export function CodeFacts({
  resendAt,
  expiresAt,
  triesLeft,
  triesInAll,
  waitMinutes,
  resending,
  onResend,
}: CodeFactsProps) {
  const { t } = useTranslation('ui');
  const total = useRef<number | null>(null);
  const moment = useNow(1000);
  const seconds = Math.max(0, Math.ceil((instant(resendAt).getTime() - moment.getTime()) / 1000));
  if (total.current === null || seconds > total.current) total.current = Math.max(seconds, 60);
  return (
    <div className="panel cells">
      <div>
        <span className="note">{t('code.resend')}</span>
        {seconds > 0 ? (
          <>
            <span className="v">
              <Icon name="clock" size={20} />
              <span className="num">{t('code.resendIn', { seconds })}</span>
            </span>
            <Bar part={1 - seconds / total.current} />
          </>
        ) : (
          <span className="v">
            <button type="button" className="link" onClick={onResend} aria-disabled={resending || undefined}>
              {resending ? t('code.resending') : t('code.resendNow')}
            </button>
          </span>
        )}
      </div>
      <div>
        <span className="note">{t('code.tries')}</span>
        <span className="v">
          {triesLeft > 0 ? t('code.triesLeft', { count: triesLeft }) : t('code.noTries')}
          <span className="tally" aria-hidden="true">
            {Array.from({ length: triesInAll }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a stroke is its place
              <i key={index} className={index < triesLeft ? undefined : 'used'} />
            ))}
          </span>
        </span>
        <span className="note">
          {waitMinutes > 0 && t('code.afterTries', { minutes: waitMinutes })}
          {expiresAt === undefined ? null : <CodeExpiry at={expiresAt} />}
        </span>
      </div>
    </div>
  );
}

function CodeExpiry({ at }: { at: string }) {
  const { t } = useTranslation('ui');
  return <span className="hidden">{t('code.expiresAt', { time: instant(at).toISOString().slice(11, 16) })}</span>;
}

/** A part of a whole as a bar, for the eye only: the figures always stand beside it. */
export function Bar({ part, attend }: { part: number; attend?: boolean }) {
  return (
    <div className={attend ? 'bar attend' : 'bar'} aria-hidden="true">
      <i style={{ '--part': part } as React.CSSProperties} />
    </div>
  );
}
