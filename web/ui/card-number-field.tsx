import { useId, useRef, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { useFocusAtFirst } from './focus-at-first.ts';
import { BankPlate } from './bank-plate.tsx';
import { Under, type FieldState } from './field.tsx';
import { useGroupedInput } from './grouped-input.ts';
import { StatusChip } from './status-chip.tsx';
import type { Content } from './content.ts';

export type RecognisedBank = { bankCode: string; bankName: string; kind: 'debit' | 'credit'; supported: boolean };

type CardNumberFieldProps = {
  /** Digits only. */
  value: string;
  onChange: (digits: string) => void;
  /** undefined: not known yet; null: of no bank we know. */
  bank: RecognisedBank | null | undefined;
  looking?: boolean;
  state?: FieldState;
  message?: Content;
  autoFocus?: boolean;
};

const digitsOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[^0-9]/g, '')
    .slice(0, 19);
const inFours = (digits: string): string => digits.replace(/(.{4})(?=.)/g, '$1 ');

/** A card number grouped as on the card; its bank appears as soon as the first digits tell it. */
export function CardNumberField({
  value,
  onChange,
  bank,
  looking,
  state = 'idle',
  message,
  autoFocus,
}: CardNumberFieldProps) {
  const { t } = useTranslation('ui');
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useFocusAtFirst(input, autoFocus === true);
  const grouped = useGroupedInput({ value, onChange, clean: digitsOf, group: inFours, inputRef: input });
  return (
    <div>
      <div className={state === 'attend' ? 'field pan bad' : 'field pan'}>
        <label className="pan-in" htmlFor={id}>
          <span className="field-label">{t('card.number')}</span>
          <input
            id={id}
            ref={input}
            inputMode="numeric"
            autoComplete="cc-number"
            aria-invalid={state === 'attend' || undefined}
            aria-describedby={`${id}-bank${message ? ` ${id}-note` : ''}`}
            placeholder="0000 0000 0000 0000"
            {...grouped}
            style={{ '--chars': Math.max(19, grouped.value.length) } as CSSProperties}
          />
        </label>
        <div id={`${id}-bank`} aria-live="polite">
          <Recognised bank={bank} looking={looking === true} faulty={state === 'attend'} />
        </div>
      </div>
      {message && <Under id={`${id}-note`} attend={state === 'attend'} text={message} />}
    </div>
  );
}

type RecognisedProps = Pick<CardNumberFieldProps, 'bank'> & { looking: boolean; faulty: boolean };

/** A number that cannot be right is not said to be one that can be added. */
function Recognised({ bank, looking, faulty }: RecognisedProps) {
  const { t } = useTranslation('ui');
  if (bank === undefined) return looking ? <p className="recog note">{t('card.looking')}</p> : null;
  if (bank === null) return <p className="recog note">{t('card.unknownBank')}</p>;
  return (
    <div className="recog">
      <BankPlate bankCode={bank.bankCode} />
      <span className="main">
        <span className="strong">{bank.bankName}</span>
        <br />
        <span className="note">{t('card.byNumber', { kind: t(`cardKind.${bank.kind}`) })}</span>
      </span>
      {bank.supported && !faulty && <StatusChip kind="good">{t('card.canBind')}</StatusChip>}
      {!bank.supported && <StatusChip kind="attend">{t('card.cannotBind')}</StatusChip>}
    </div>
  );
}
