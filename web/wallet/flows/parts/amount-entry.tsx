import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { AmountField, QuickAmounts } from '../../../ui/amount-field.tsx';
import type { AmountEntry } from './use-amount.ts';
import { groupThousands, keyFromKeyboard } from './typed-amount.ts';

const QUICK = ['100', '200', '500', '1000', '2000'] as const;
const quickAmounts = QUICK.map((typed) => ({ typed, shown: groupThousands(typed) }));

type AmountEntryProps = { label: string; amount: AmountEntry; complaint?: string | null; autoFocus?: boolean };

/** The amount with the sums that are often meant; what cannot be typed is told at once. */
export function AmountInput({ label, amount, complaint = null, autoFocus = true }: AmountEntryProps) {
  const { t } = useTranslation('flows');
  useKeyboard(amount.press);
  const own =
    amount.complaint === 'too_many_decimals'
      ? t('common.tooManyDecimals')
      : amount.complaint === 'too_large'
        ? t('common.tooLarge')
        : null;
  const message = own ?? complaint;
  return (
    <section className="flow-amount">
      <AmountField
        label={label}
        typed={amount.typed}
        shown={amount.shown}
        onText={amount.type}
        state={message === null ? 'idle' : 'attend'}
        {...(message === null ? {} : { message })}
        autoFocus={autoFocus}
      />
      <QuickAmounts amounts={quickAmounts} now={amount.typed} onPick={amount.type} />
    </section>
  );
}

/** Digits typed while no field has the focus go to the amount, as on a till. */
function useKeyboard(press: AmountEntry['press']): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const key = keyFromKeyboard(event.key);
      const inField =
        event.target instanceof Element && event.target.closest('input, textarea, [role="dialog"]') !== null;
      if (key === undefined || inField || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      press(key);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [press]);
}
